/** What the page itself says to visitors. */
export const texts = {
  failed: "That did not work",
  interrupted: "The server was interrupted while it worked on this",
  dropped: "Too much is waiting for the server; your last action was not taken",
  reconnecting: "Reconnecting…",
  kept: "what you do is kept",
  emptyApplication: "There is nothing on this page yet.",
  emptyForDevelopers: "Open the Builder and add a page to begin.",
  unknownType: "This part of the page is not available.",
  notifications: "Notifications",
  noNotifications: "Nothing yet. Messages stay here for as long as the page is open.",
  dismiss: "Dismiss",
  close: "Close",
  log: "Log",
  emptyLog: "What your handlers print, and their errors, show here.",
  reload: "Start again",
  useHere: "Use it here",
  endings: {
    gone: {
      title: "This session has ended",
      detail: "It was inactive for too long, or the server ended it.",
    },
    taken: { title: "This page is open in another tab", detail: "Go on there, or take it over here." },
    refused: { title: "You are not signed in any more", detail: "Load the page again to sign in." },
    "not-allowed": { title: "You may not use this application", detail: "Ask its owner for access." },
    "unknown-application": { title: "This application does not exist", detail: "It may have been moved." },
  },
} as const;
