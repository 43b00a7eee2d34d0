import "vega";

declare module "vega" {
  /** Make a reader for a data format known; the package's own types leave it out. */
  export function formats(name: string, reader: (text: string, format?: object) => object[]): void;
}
