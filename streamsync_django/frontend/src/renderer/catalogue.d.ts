declare module "virtual:streamsync-catalogue" {
  import type { FieldType } from "../core/fields";

  interface TypeEssence {
    /** Where the type's components go in their parent; `default` when absent. */
    readonly slot?: string;
    readonly fields: Readonly<
      Record<string, readonly [type: FieldType, fallback?: string, isCssVariable?: 1]>
    >;
    readonly events: Readonly<Record<string, "all" | "latest">>;
  }

  const catalogue: Readonly<Record<string, TypeEssence>>;
  export default catalogue;
}
