/** The content of a report: a title, and sections in order of importance. Any text in it may be untrusted. */
export interface Report {
  title: string;
  subtitle?: string;
  /** ISO 8601. */
  generated_at: string;
  /** What the report says, in one sentence. */
  summary?: string;
  sections: readonly Section[];
}

export type Section = FindingsSection | TableSection | TimelineSection | FactsSection;

/** The status of a finding, a value, or an event. Each has its own icon, so that the meaning does not depend on color alone. */
export type Status = 'ok' | 'warning' | 'problem' | 'skipped';

/** A checklist. */
export interface FindingsSection {
  kind: 'findings';
  title: string;
  findings: readonly { check: string; status: Status; detail: string; fix?: string | undefined }[];
}

/** Rows that a reader can sort and filter. */
export interface TableSection {
  kind: 'table';
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  /** The total number of rows, if `rows` does not hold all of them. */
  total?: number;
  /** A sentence below the table. */
  note?: string;
}

export interface Column {
  name: string;
  /** `time` holds ISO 8601, `status` a word such as active, `code` an id. Default: `text`. */
  kind?: 'text' | 'number' | 'time' | 'status' | 'code';
}

export type Cell = string | number | boolean | null | undefined;

/** Events on a timeline, with a lane for each kind. */
export interface TimelineSection {
  kind: 'timeline';
  title: string;
  events: readonly TimelineEvent[];
  note?: string;
}

export interface TimelineEvent {
  /** Milliseconds since the epoch. */
  at: number;
  /** The kind of event, which is the name of its lane. */
  lane: string;
  status?: Status;
}

/** Short values with their names. */
export interface FactsSection {
  kind: 'facts';
  title: string;
  facts: readonly (readonly [name: string, value: Cell])[];
}
