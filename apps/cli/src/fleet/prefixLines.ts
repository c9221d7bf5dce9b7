import type { Colors } from '../terminal/terminal.ts';

/** Lines of several members under one another, each with its name in its colour. */
export function prefixLines(members: readonly string[], colors: Colors): (member: string, line: string) => string {
  const paints = [colors.cyan, colors.green, colors.magenta, colors.blue, colors.yellow];
  const width = Math.max(0, ...members.map((member) => member.length));
  return (member, line) => {
    const paint = paints[Math.max(0, members.indexOf(member)) % paints.length] ?? colors.cyan;
    return `${paint(member.padEnd(width))} ${colors.dim('│')} ${line}`;
  };
}
