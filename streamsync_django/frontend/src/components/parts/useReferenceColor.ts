import { onMounted, shallowRef, type ShallowRef, watch } from "vue";

import { useComponent } from "../contract";
import type { Rgb } from "../tags/hueSteps";
import { resolveColor } from "./resolveColor";

/** The same in light and dark, so that a tag keeps its colour. */
const DEFAULT_COLOR = "#5551ff";

/** The colour that tags are shifted from, in numbers. */
export function useReferenceColor(root: Readonly<ShallowRef<HTMLElement | null>>): ShallowRef<Rgb> {
  const { text } = useComponent();
  const color = shallowRef<Rgb>([85, 81, 255]);

  function read(): void {
    if (!root.value) return;
    const found = resolveColor(text("referenceColor") || DEFAULT_COLOR, root.value);
    if (found) color.value = [found[0], found[1], found[2]];
  }

  onMounted(read);
  watch(() => text("referenceColor"), read);
  watch(root, read);
  return color;
}
