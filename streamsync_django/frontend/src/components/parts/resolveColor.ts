export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

let pixel: CanvasRenderingContext2D | null | undefined;

/**
 * Turn any colour CSS knows (variables, oklch, names …) into numbers, as it is where `element` stands.
 * Libraries that draw by themselves know only the older notations. Null when it is no colour.
 */
export function resolveColor(color: string, element: Element): Rgba | null {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = "rgb(1 2 3 / 0.004)";
  const untouched = probe.style.color;
  probe.style.color = color;
  if (color.trim() === "" || probe.style.color === untouched) return null;
  element.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return readPixel(computed);
}

export function toCssRgba([red, green, blue, alpha]: Rgba): string {
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

/** A canvas converts every notation, so none has to be parsed here. */
function readPixel(color: string): Rgba | null {
  pixel ??= makePixel();
  if (!pixel) return null;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 255] = pixel.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, Math.round((alpha / 255) * 1000) / 1000];
}

function makePixel(): CanvasRenderingContext2D | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  return canvas.getContext("2d", { willReadFrequently: true });
}
