/** The part of cli-progress that the demo uses; the package itself comes without types. */
declare module "cli-progress" {
  export class SingleBar {
    constructor(options: {
      format: string;
      barCompleteChar: string;
      barIncompleteChar: string;
      barsize: number;
      hideCursor: boolean;
      clearOnComplete: boolean;
      stream: NodeJS.WriteStream;
      formatValue: (value: number) => string;
    });
    start(total: number, startValue: number): void;
    update(value: number): void;
    stop(): void;
  }
  const cliProgress: { SingleBar: typeof SingleBar };
  export default cliProgress;
}
