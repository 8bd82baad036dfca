/** What a person reads: a title, and sections in the order in which they matter. Every text in it may come from strangers. */
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

/** How something stands. Each has a mark of its own, so that colour alone says nothing. */
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
  /** How many rows there are, where these are not all. */
  total?: number;
  /** A sentence below the heading. */
  note?: string;
}

export interface Column {
  name: string;
  /** `time` holds ISO 8601, `status` a word such as active, `code` an id. Text where left out. */
  kind?: 'text' | 'number' | 'time' | 'status' | 'code';
}

export type Cell = string | number | boolean | null | undefined;

/** Events on a line of time for each kind of them. */
export interface TimelineSection {
  kind: 'timeline';
  title: string;
  events: readonly TimelineEvent[];
  note?: string;
}

export interface TimelineEvent {
  /** Milliseconds since the epoch. */
  at: number;
  /** Which line it stands on. */
  lane: string;
  status?: Status;
}

/** Short values with their names. */
export interface FactsSection {
  kind: 'facts';
  title: string;
  facts: readonly (readonly [name: string, value: Cell])[];
}
