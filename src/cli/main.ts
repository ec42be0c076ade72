import { VERSION } from '../app/version.ts';

/** The one place where the process learns its exit code. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V' || argv[0] === 'version')) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(argv);
  setTimeout(leave, LEFT_OVER).unref();
}

/** What a library left open does not keep an ended command: it leaves as soon as its words are out. */
const LEFT_OVER = 3_000;

function leave(): void {
  if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) setTimeout(leave, LEFT_OVER).unref();
  else process.exit();
}

process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  process.stderr.write(
    `error OUTPUT_LOST  cannot write the result: ${cause.message}\n  next: make room there and run it again\n`,
  );
  process.exit(1);
});
await main();
