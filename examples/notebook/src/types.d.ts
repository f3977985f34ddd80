/** A note as it was read from its file, before anything is rendered. */
export interface Note {
  /** File name without `.md`; also the address of its page. */
  slug: string;
  title: string;
  /** `2024-05-18`, or empty when the note does not say. */
  date: string;
  tags: string[];
  /** Markdown, without the front matter. */
  body: string;
  /** Where the text begins in the file; lines count from 1. */
  firstLine: number;
}

/** A link written as `[[night sky]]`, found in some note. */
export interface NoteLink {
  from: Note;
  to: Note;
}

/** Finds the note that the words between `[[` and `]]` mean. */
export type FindNote = (words: string) => Note | undefined;

/** Contents by path, such as `index.html` or `notebook.css`. */
export type Site = Map<string, string>;
