/** Notes beside components whose fields hold nonsense; loaded by developers only. */
import { h } from "vue";

import catalogue from "virtual:streamsync-catalogue";

import ProblemNote from "../components/parts/ProblemNote.vue";
import { fieldProblem } from "../core/fieldProblems";
import type { FieldType } from "../core/fields";
import type { FieldNotes } from "./openApplication";

export const fieldNotes: FieldNotes = {
  problems: ({ state }, { type, stored, context }) =>
    Object.entries(catalogue[type]?.fields ?? {})
      .flatMap(
        ([name, [fieldType]]) =>
          fieldProblem(name, fieldType as FieldType, stored(name), state, context) ?? [],
      )
      .join("\n"),
  draw: (problems) => h(ProblemNote, { message: problems }),
};
