"use strict";
(() => {
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const whole = shown.textContent;
  const parts = [...document.querySelectorAll(".part")], lists = [...document.querySelectorAll(".rows")];
  const folded = document.querySelectorAll("details.part");
  let filtered = false;
  let rows; // read at the first filter: a page that is only looked at opens sooner

  const read = () => lists.flatMap((list) => [...list.children].map((row) => {
    const { action, currency, amount, superseded } = row.dataset;
    return {
      row, list, action, currency, counted: superseded === undefined, texts: {},
      minor: BigInt(amount.replace(".", "")), decimals: (amount.split(".")[1] || "").length,
    };
  }));

  const holds = (r, what, words) => {
    if (!words.length) return true;
    const text = r.texts[what] ??= [...r.row.querySelectorAll(what)].map((e) => e.textContent.toLowerCase()).join("\n");
    return words.every((w) => text.includes(w));
  };

  // As the program prints amounts: the last three digits together, those before them in groups.
  const group = (digits, every) => {
    let head = digits.slice(0, -3), tail = digits.slice(-3);
    for (; head.length > every; head = head.slice(0, -every)) tail = head.slice(-every) + "," + tail;
    return head ? head + "," + tail : tail;
  };
  const human = (currency, { minor, decimals }) => {
    const sign = minor < 0n ? "-" : "", digits = String(minor < 0n ? -minor : minor).padStart(decimals + 1, "0");
    const cut = digits.length - decimals, fraction = decimals ? "." + digits.slice(cut) : "";
    return currency === "INR" ? sign + "₹" + group(digits.slice(0, cut), 2) + fraction
      : currency + " " + sign + group(digits.slice(0, cut), 3) + fraction;
  };

  const sentence = (visible) => {
    const counted = visible.filter((r) => r.counted), sums = new Map();
    for (const { currency, minor, decimals } of counted) {
      sums.set(currency, { minor: (sums.get(currency)?.minor ?? 0n) + minor, decimals });
    }
    const money = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, sum]) => human(currency, sum));
    const aside = visible.length - counted.length;
    return [group(String(counted.length), 2) + (counted.length === 1 ? " refund" : " refunds"), ...money].join(" · ") +
      (aside ? ` · ${group(String(aside), 2)} superseded, not counted` : "");
  };

  const filter = () => {
    rows ??= read();
    const wish = new FormData(form), actions = wish.getAll("action");
    const words = (name) => wish.get(name).toLowerCase().split(/\s+/).filter(Boolean);
    const order = words("order"), label = words("label"), visible = [], alive = new Map();
    for (const r of rows) {
      const fits = (!actions.length || actions.includes(r.action)) &&
        holds(r, ".id, .of", order) && holds(r, ".labels li", label);
      if (fits) {
        visible.push(r);
        alive.set(r.list, (alive.get(r.list) ?? 0) + 1);
      }
      if (r.row.hidden === fits) r.row.hidden = !fits;
    }
    for (const list of lists) {
      list.hidden = !alive.has(list);
      list.style.setProperty("--rows", alive.get(list));
    }
    for (const part of parts) part.hidden = !part.querySelector(".rows:not([hidden])");
    const filters = actions.length + order.length + label.length > 0;
    if (filters !== filtered) for (const part of folded) part.open = filters; // a filter shows all that it finds
    filtered = filters;
    shown.textContent = visible.length === rows.length ? whole : `${sentence(visible)} — of ${whole}`;
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter)); // the event comes before the values are gone
  form.hidden = false;
})();
