import * as vscode from 'vscode';

const MINUTE_MS = 60_000;

/** How long ago something was, in few words. */
export function elapsed(sinceMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - sinceMs) / MINUTE_MS);
  if (minutes < 1) return vscode.l10n.t('just now');
  if (minutes < 60) return vscode.l10n.t('{0} min ago', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return vscode.l10n.t('{0} h ago', hours);
  return vscode.l10n.t('{0} d ago', Math.floor(hours / 24));
}

/** How long something still holds, in few words. */
export function remaining(untilMs: number, nowMs: number): string {
  const minutes = Math.ceil((untilMs - nowMs) / MINUTE_MS);
  if (minutes <= 0) return vscode.l10n.t('over');
  if (minutes < 60) return vscode.l10n.t('{0} min left', minutes);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return vscode.l10n.t('{0} d left', Math.floor(hours / 24));
  return minutes % 60 === 0
    ? vscode.l10n.t('{0} h left', hours)
    : vscode.l10n.t('{0} h {1} min left', hours, minutes % 60);
}
