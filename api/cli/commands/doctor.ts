/** `rewind doctor`: looks at store, log, registry, topics, clock and disk, and says what to do about what it finds. */
import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { startProcess } from '../pipeline.js';
import { type Cli, openSession } from '../session.js';
import { printable, tint } from '../terminal.js';

const MARKS = { ok: ['green', 'ok  '], warn: ['yellow', 'warn'], fail: ['red', 'FAIL'] } as const;

export function doctorCommand(cli: Cli): Command {
  return new Command('doctor')
    .description('Look at store, log, registry, topics, clock and disk; exit 1 if anything fails')
    .option('--data-dir <path>', 'directory of the embedded engine')
    .addHelpText('after', '\nExample:\n  KAFKA_BROKERS=broker:9092 rewind doctor')
    .action(async (options: { dataDir?: string }, command: Command) => {
      const session = openSession(cli, command);
      const { config } = startProcess(cli, session.configFile, { dataDir: options.dataDir });
      const [{ examine }, { openPatient }] = await Promise.all([
        import('../../../processors/instance/doctor.js'),
        import('../../../processors/instance/patient.js'),
      ]);
      const findings = await examine(config, openPatient(config));
      await session.print(Buffer.from(JSON.stringify(findings)), (terminal) =>
        findings
          .map(({ check, state, detail, fix }) => {
            const [color, mark] = MARKS[state];
            const line = `${tint(terminal, color, mark)}  ${printable(`${check}: ${detail}`)}\n`;
            return fix === '' ? line : `${line}      ${printable(fix)}\n`;
          })
          .join(''),
      );
      if (findings.some(({ state }) => state === 'fail')) cli.exitCode = EXIT.failed;
    });
}
