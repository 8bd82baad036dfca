/** The files that a call may use. Everything else on the disk is out of its reach. */
export interface Files {
  /** Where files go that nobody named another place for. @throws {ConfigError} where it is not private */
  outputFolder(): string;
  /** Where state goes that later calls need and that must outlive a reboot. @throws {ConfigError} */
  stateFolder(): string;
  /**
   * Opens a regular file in the working directory or the output folder, through no link that leads out of them.
   * @throws {InputError}
   */
  openInput(path: string): Promise<InputFile>;
  /**
   * The full path of a file that is to be written there. The file may exist.
   * @throws {InputError} where its folder is another one, or does not exist
   */
  writablePath(path: string): string;
  /**
   * Opens a log for this process alone, and creates it where there is none.
   * @throws {RefusedError} where another process has it open, or it cannot be written
   */
  openLog(path: string): Promise<LineLog>;
  /** The lines of a log that may be in use, or of none. */
  readLog(path: string): AsyncGenerator<string, void>;
  /** The names in a folder, sorted. Empty where it cannot be read. */
  namesIn(folder: string): string[];
  /** Replaces a private file as a whole, or creates it. It is on the disk afterwards. @throws {RefusedError} */
  replace(path: string, text: string): Promise<void>;
  /** Undefined where there is no such file. */
  read(path: string): Promise<string | undefined>;
  remove(path: string): void;
  exists(path: string): boolean;
  /** Keeps other calls and processes from a file until it is released. @throws {RefusedError} where somebody has it */
  lock(path: string): { release(): void };
  /**
   * Writes a new private file (0600) from pieces, completely or not at all. Returns its size in bytes.
   * @throws {RefusedError} where it exists, or cannot be written
   */
  write(path: string, pieces: Iterable<string> | AsyncIterable<string>): Promise<number>;
  /** A new path for a finished file, with a name that nobody can guess. @throws {ConfigError} where the folder is not private */
  freshPath(name: string, extension: string): string;
  /** Bytes of the largest finished file. Infinite on the caller's own machine. */
  readonly maxFileBytes: number;
  /** Has the client learn of a finished file that holds no secrets. */
  show(path: string): void;
}

/** A file that is read from any position, as often as needed. */
export interface InputFile {
  /** With every link on the way resolved. */
  readonly path: string;
  /** The size when it was opened. */
  readonly bytes: number;
  /** It came with the call: its lines are the rows of an argument. */
  readonly inline?: true;
  /** Fewer bytes than asked for only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file of lines that is only ever added to. What was added is there after a crash of the process or the machine. */
export interface LineLog {
  readonly path: string;
  /** True where the log was there before. */
  readonly existed: boolean;
  /** The lines that were there when the log was opened. A last line that was not written to its end is cut off. */
  lines(): AsyncGenerator<string, void>;
  /**
   * Adds a line of JSON for each value. Resolves when they are on the disk. Many callers at a time share one write.
   * @throws {RefusedError} where that failed; then nothing can be added any more
   */
  append(values: readonly object[]): Promise<void>;
  /** Waits for what is being added, and lets another process have the log. */
  close(): Promise<void>;
}

/** Texts that are kept from one call of a person to the next. */
export interface Memory {
  /** Undefined where there is none of this name. */
  read(name: string): Promise<string | undefined>;
  /** Keeps a text in place of the one that was read; false where another call has done so since, and then it changes nothing. */
  replace(name: string, before: string | undefined, after: string): Promise<boolean>;
}
