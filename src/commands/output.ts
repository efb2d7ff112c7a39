/** Where a command says things, and how much of it is wanted. Commands never touch the process's streams themselves. */

export type Output = {
  /** One line for whoever reads results. With `json` only the one document goes here. */
  readonly out: (line: string) => void;
  /** One line for a person: problems, progress. */
  readonly err: (line: string) => void;
  /** One JSON document on stdout, nothing else there. */
  readonly json: boolean;
  readonly color: boolean;
  /** Somebody is looking: stdout is a terminal. */
  readonly terminal: boolean;
  /** Somebody is looking at progress too: stderr is a terminal as well, whose cursor can be moved, and nothing else goes there in between. */
  readonly live?: boolean;
  /** How wide the terminal is. Absent: nobody is looking, and lines are as long as they are. */
  readonly columns?: number;
  readonly loud: 'quiet' | 'normal' | 'verbose';
};
