/** Whether fingers point here; the stylesheet asks the same. */
export const isCoarse = typeof matchMedia === "function" && matchMedia("(pointer: coarse)").matches;
