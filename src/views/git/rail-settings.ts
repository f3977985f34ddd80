import * as vscode from 'vscode';
import {
  DEFAULT_RAILS,
  RAILS,
  type RailSetting,
  type RailSettings,
} from '../../git/guard-rails.ts';

/** What keeps an export from being made, and what is only told, as the user set it. */
export function readRails(): RailSettings {
  const set = vscode.workspace
    .getConfiguration('agentWorld')
    .get<Readonly<Record<string, unknown>>>('export.guardRails', {});
  const entries = RAILS.map((rail) => {
    const wanted = SETTINGS.find((each) => each === set[rail]);
    return [rail, wanted ?? DEFAULT_RAILS[rail]] as const;
  });
  return Object.fromEntries(entries) as RailSettings;
}

const SETTINGS: readonly RailSetting[] = ['block', 'warn', 'off'];
