/** The files that a call may use. Nothing else on the disk is accessible. */
export interface Files {
  /** The folder for files without a given path. @throws {ConfigError} if it is not private */
  outputFolder(): string;
  /** The folder for state that later calls need and that must survive a reboot. @throws {ConfigError} */
  stateFolder(): string;
  /**
   * Opens a regular file in the working directory or the output folder. Links that lead out of them are refused.
   * @throws {InputError}
   */
  openInput(path: string): Promise<InputFile>;
  /**
   * The full path of a file to write in one of these folders. The file may exist.
   * @throws {InputError} if its folder is not one of them, or does not exist
   */
  writablePath(path: string): string;
  /**
   * Opens a log for this process alone, and creates it if necessary.
   * @throws {RefusedError} if another process has it open, or it cannot be written
   */
  openLog(path: string): Promise<LineLog>;
  /** The lines of a log, which may be in use. None if the log does not exist. */
  readLog(path: string): AsyncGenerator<string, void>;
  /** The names in a folder, sorted. Empty if the folder cannot be read. */
  namesIn(folder: string): string[];
  /** Replaces a private file as a whole, or creates it. Resolves when it is on disk. @throws {RefusedError} */
  replace(path: string, text: string): Promise<void>;
  /** Undefined if there is no such file. */
  read(path: string): Promise<string | undefined>;
  remove(path: string): void;
  exists(path: string): boolean;
  /** Keeps other calls and processes from using a file until it is released. @throws {RefusedError} if it is locked already */
  lock(path: string): { release(): void };
  /**
   * Writes a new private file (0600) from pieces, completely or not at all. Returns its size in bytes.
   * @throws {RefusedError} if it exists or cannot be written
   */
  write(path: string, pieces: Iterable<string> | AsyncIterable<string>): Promise<number>;
  /** A new path for a finished file, with an unguessable name. @throws {ConfigError} if the folder is not private */
  freshPath(name: string, extension: string): string;
  /** The size of the largest finished file, in bytes. Infinite on the caller's own machine. */
  readonly maxFileBytes: number;
  /** Tells the client about a finished file that holds no secrets. */
  show(path: string): void;
}

/** A file that can be read from any position, repeatedly. */
export interface InputFile {
  /** With all links resolved. */
  readonly path: string;
  /** The size in bytes when it was opened. */
  readonly bytes: number;
  /** Set if the rows came as an argument of the call. Each line is a row. */
  readonly inline?: true;
  /** Returns fewer bytes than requested only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** An append-only file of lines. Lines that were appended survive a crash of the process or the machine. */
export interface LineLog {
  readonly path: string;
  /** Whether the log existed before it was opened. */
  readonly existed: boolean;
  /** The lines that the log had when it was opened. An incomplete last line is cut off. */
  lines(): AsyncGenerator<string, void>;
  /**
   * Appends a line of JSON for each value. Resolves when they are on disk. Concurrent callers share one write.
   * @throws {RefusedError} if that failed; nothing can be appended afterwards
   */
  append(values: readonly object[]): Promise<void>;
  /** Waits for pending appends, and releases the log for other processes. */
  close(): Promise<void>;
}

/** Texts that a server keeps for a person between calls. */
export interface Memory {
  /** Undefined if there is no text of this name. */
  read(name: string): Promise<string | undefined>;
  /** Replaces a text if it is still `before`. Otherwise, another call has changed it, and this one does nothing: false. */
  replace(name: string, before: string | undefined, after: string): Promise<boolean>;
}
