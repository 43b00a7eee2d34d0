// Makes each frame of {% streamsync %} without a height as high as what it shows, and loads those that have to wait
// for the first one, which brings a new visitor's cookie. A module runs once per page,
// however often it is included; frames are of the same site, so their documents can be measured.

const FRAMES = "iframe[data-streamsync-height]";
// Inside a frame, "as high as the window" would keep the frame from ever getting lower again.
const AS_HIGH_AS_CONTENT = `
  html, body { height: auto !important; min-height: 0 !important; overflow: hidden; }
  #streamsync, #streamsync > *, #streamsync > * > *, #streamsync > * > * > * { min-height: 0 !important; }
`;

const watched = new WeakSet();

function follow(frame) {
  const page = frame.contentDocument;
  const content = page?.getElementById("streamsync");
  if (!content || watched.has(content)) return;
  watched.add(content);
  const styles = new frame.contentWindow.CSSStyleSheet();
  styles.replaceSync(AS_HIGH_AS_CONTENT);
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, styles];
  const measure = () => {
    frame.height = String(Math.max(1, Math.ceil(content.getBoundingClientRect().height)));
  };
  new frame.contentWindow.ResizeObserver(measure).observe(content);
  measure();
}

for (const frame of document.querySelectorAll(FRAMES)) {
  frame.addEventListener("load", () => follow(frame));
  follow(frame);
}

const waiting = [...document.querySelectorAll("iframe[data-streamsync-src]")];
if (waiting.length > 0) {
  const first = document.querySelector("iframe[data-streamsync-first]");
  const loadAll = () => {
    for (const frame of waiting.splice(0)) frame.src = frame.dataset.streamsyncSrc;
  };
  const isLoaded =
    !first || (first.contentDocument?.readyState === "complete" && first.contentDocument.URL !== "about:blank");
  if (isLoaded) loadAll();
  else first.addEventListener("load", loadAll, { once: true });
}
