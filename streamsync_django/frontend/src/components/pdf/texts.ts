/** What the viewer says. */
export const viewerTexts = {
  document: "Document",
  loading: "Loading the document …",
  empty: "There is no document yet.",
  highlights: "“Highlights” must be a list of texts.",
  page: "Page",
  previousPage: "Previous page",
  nextPage: "Next page",
  smaller: "Smaller",
  larger: "Larger",
  previousMatch: "Previous marked place",
  nextMatch: "Next marked place",
} as const;
