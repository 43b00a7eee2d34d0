import type { ComponentHandle } from "../../components/contract";
import type { ExtensionRecord } from "../../core/messages";

/** A field as the definition says: a number, a yes or no, parsed JSON, or what is in the state for a whole template. */
export function fieldValue(component: ComponentHandle, extension: ExtensionRecord, name: string): unknown {
  switch (extension.fields[name]?.[0]) {
    case "number":
      return component.number(name);
    case "boolean":
      return component.boolean(name);
    case "object":
    case "keyValue":
      return component.object(name);
    case "text": {
      const value = component.raw(name);
      return value === undefined || value === "" ? component.text(name) : value;
    }
    default:
      return component.text(name);
  }
}
