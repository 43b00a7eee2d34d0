/** The part of Plotly that this component uses; the strict bundle needs no `unsafe-eval`. */
declare module "plotly.js-strict-dist-min" {
  export interface PlotElement extends HTMLElement {
    on(event: string, listener: (data: unknown) => void): void;
  }
  export interface Plotly {
    react(element: HTMLElement, data: object[], layout: object, config: object): Promise<PlotElement>;
    addFrames(element: HTMLElement, frames: object[]): Promise<unknown>;
    purge(element: HTMLElement): void;
    Plots: { resize(element: HTMLElement): Promise<void> | undefined };
  }
  const plotly: Plotly;
  export default plotly;
}
