/** One switch of a command, for parsing it and for its help. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  /** What stands for the value in the help; a switch without one is a flag. */
  readonly value?: string;
  readonly help: string;
  /** An empty value is then as good as none. */
  readonly mayBeEmpty?: boolean;
}

/** The options as lines of a help text. */
export function toHelpLines(options: readonly Option[]): string {
  const rows = options.map((option) => [toUsage(option), option.help] as const);
  const width = Math.max(...rows.map(([usage]) => usage.length)) + 2;
  return rows.map(([usage, help]) => `  ${usage.padEnd(width)}${help}`).join('\n');
}

function toUsage({ name, short, value }: Option): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}
