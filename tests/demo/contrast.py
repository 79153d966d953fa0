"""Measures in a page what its texts look like: the contrast of each text with the worst of what lies under it."""

from tests.demo.browser import Page

ENOUGH, ENOUGH_LARGE = 4.5, 3.0
"""As WCAG 2.2 AA has it; large is 24 px, or 18.66 px and bold."""

MEASURE = r"""(() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = text; pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, n) => c * a + under[n] * (1 - a)).concat(1);
  const shine = ([r, g, b]) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [x, y, z] = [r, g, b].map((c) => linear(c / 255));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a, b) => {
    const [x, y] = [shine(a), shine(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const colours = (image) => image.match(/(rgba?|color|oklab|lab)\([^()]*\)/g) ?? [];
  // all that may lie under an element: its own and its parents' backgrounds, each colour of a gradient for itself
  const under = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      const own = colours(style.backgroundImage).map(rgba);
      if (own.length) layers.push([...own, ...(rgba(style.backgroundColor)[3] ? [rgba(style.backgroundColor)] : [])]);
      else if (rgba(style.backgroundColor)[3]) layers.push([rgba(style.backgroundColor)]);
      if (layers.length && layers.at(-1).every((c) => c[3] === 1)) break;
    }
    let found = [rgba(getComputedStyle(document.body).backgroundColor)];
    for (const layer of layers.reverse()) {
      const below = found;
      found = layer.flatMap((top) => (top[3] === 1 ? [top] : below.map((f) => over(top, f))));
    }
    return found;
  };
  const faint = (element) => {
    let share = 1;
    for (let e = element; e; e = e.parentElement) share *= Number(getComputedStyle(e).opacity);
    return share;
  };
  const texts = [...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const said = own || e.dataset.initials || e.dataset.key;
    const clipped = getComputedStyle(e).clipPath !== "none" || e.closest("dialog:not([open]), noscript, .sr-only");
    return said && box.width > 1 && e.checkVisibility() && !clipped;
  });
  return texts.map((e) => {
    const style = getComputedStyle(e);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const [r, g, b, a] = rgba(style.color);
    const found = under(e).map((ground) => ratio(over([r, g, b, a * faint(e)], ground), ground));
    const text = e.textContent.trim() || e.dataset.initials || e.dataset.key;
    const name = `${e.tagName.toLowerCase()}.${e.className} ${JSON.stringify(text.slice(0, 24))}`;
    return { name, ratio: Math.min(...found), large };
  });
})()"""


async def faults(page: Page) -> list[str]:
    """The texts that are hard to read, each with its contrast; empty when all is well."""
    texts = await page.eval(MEASURE)
    assert len(texts) > 30
    return [
        f"{text['name']} {text['ratio']:.2f}"
        for text in texts
        if text["ratio"] < (ENOUGH_LARGE if text["large"] else ENOUGH)
    ]
