"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);

// Rows of a table, and boxes of the map, before it asks whether more are wanted.
const ROWS = 100;
const BOXES = 1500;
const LABEL = 17;

// What is shown. `measure` is an index of `size`: 0 compressed, 1 uncompressed; `chosen` is a
// file in `node`.
const state = { image: 0, measure: 0, root: null, node: null, chosen: null, tab: "contents", query: "" };

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function human(bytes) {
  const sign = bytes < 0 ? "\u2212" : "";
  const size = Math.abs(bytes);
  for (const [unit, name] of [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]]) {
    if (size >= unit) return `${sign}${(size / unit).toFixed(1)} ${name}`;
  }
  return `${sign}${Math.round(size)} B`;
}

const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
const also = (shared) => (shared.length ? `also in ${shared.join(", ")}` : "");

// The tree of an image: layers, their packages, folders, files.

function add(parent, node) {
  node.parent = parent;
  parent.children.push(node);
  return node;
}

// Folders that hold one folder and nothing else are one, of a longer name.
function innermost(folder) {
  let name = folder[0];
  while (folder.length === 2 && Array.isArray(folder[1])) {
    folder = folder[1];
    name += (name && "/") + folder[0];
  }
  return [name, folder];
}

function addFolder(parent, folder, share, files) {
  for (let i = 1; i < folder.length; i++) {
    const child = folder[i];
    if (typeof child === "string") {
      const size = folder[++i];
      files.push(add(parent, { name: child, kind: "file", size: [size * share, size], files: 1, children: [] }));
      continue;
    }
    const [name, inner] = innermost(child);
    const node = add(parent, { name, kind: "folder", size: [0, 0], files: 0, children: [] });
    addFolder(node, inner, share, files);
    for (const below of node.children) {
      node.size[0] += below.size[0];
      node.size[1] += below.size[1];
      node.files += below.files;
    }
  }
}

function noteOf(placed) {
  const without = placed.excluded.files ? `without ${count(placed.excluded.files, "file", "files")} of ${human(placed.excluded.bytes)}` : "";
  return [placed.reason, without, also(placed.shared)].filter(Boolean).join("; ");
}

function build(image) {
  const root = { name: image.name, kind: "image", size: image.size, files: image.files, children: [], parent: null, all: [] };
  image.layers.forEach((layer, number) => {
    const layerNode = add(root, { name: layer.name, kind: "layer", size: layer.size, files: layer.files, children: [], note: also(layer.shared), hue: (number * 137 + 215) % 360 });
    layerNode.units = layer.units.map((placed) => {
      const unit = data.units[placed.unit];
      let node = layerNode;
      // A layer of one package is that package.
      if (layer.units.length > 1) {
        node = add(layerNode, { name: unit.name, kind: unit.kind, size: unit.size, files: unit.files, children: [], note: noteOf(placed) });
      } else {
        layerNode.note = [unit.name === layer.name ? "" : unit.name, noteOf(placed)].filter(Boolean).join(": ");
      }
      const files = [];
      if (unit.tree) {
        const [prefix, folder] = innermost(unit.tree);
        node.prefix = prefix;
        addFolder(node, folder, unit.size[0] / (unit.size[1] || 1), files);
      }
      root.all.push(...files);
      return files;
    });
  });
  return root;
}

// Only of layers and packages is the compressed size known.
const isPath = (node) => node.kind === "file" || node.kind === "folder";

function pathOf(node) {
  const names = [];
  let here = node;
  for (; here && isPath(here); here = here.parent) names.unshift(here.name);
  if (here && here.prefix) names.unshift(here.prefix);
  return `/${names.join("/")}`;
}

function owners(node) {
  const names = [];
  for (let here = node; here.parent; here = here.parent) {
    if (!isPath(here)) names.unshift(here.name);
  }
  return names.join(" \u203a ");
}

const sizeOf = (node) => node.size[state.measure];
const sorted = (nodes) => [...nodes].sort((a, b) => sizeOf(b) - sizeOf(a) || (a.name < b.name ? -1 : 1));
const compressedOf = (node) => (isPath(node) ? "\u2248 " : "") + human(node.size[0]);

function describe(node) {
  const total = sizeOf(state.root) || 1;
  const share = `${((sizeOf(node) / total) * 100).toFixed(1)} % of the image`;
  const files = node.kind === "file" ? "" : count(node.files, "file", "files");
  const name = isPath(node) || node.prefix ? `${owners(node)}: ${pathOf(node)}` : owners(node) || node.name;
  return [name, `${compressedOf(node)} compressed`, `${human(node.size[1])} uncompressed`, share, files, node.note].filter(Boolean).join(" \u00b7 ");
}

// Tables: columns of heading, content of a row, and whether it is a number.

function table(columns, rows, limit = ROWS) {
  const body = make("tbody");
  const show = (from, to) => {
    for (const row of rows.slice(from, to)) {
      body.append(make("tr", {}, ...columns.map(([, cell, kind]) => make("td", { class: kind || null }, cell(row)))));
    }
  };
  show(0, limit);
  const head = make("thead", {}, make("tr", {}, ...columns.map(([name, , kind]) => make("th", { class: kind === "n" ? "n" : null, scope: "col" }, name))));
  const result = make("div", {}, make("table", {}, head, body));
  if (rows.length > limit) {
    const more = make("button", { class: "go", onclick: () => { more.remove(); show(limit, rows.length); } }, `Show all ${rows.length.toLocaleString("en")}`);
    result.append(more);
  }
  return result;
}

const link = (text, action) => make("button", { class: "go", onclick: action }, text);

function openNode(node) {
  const target = node.children.length ? node : node.parent;
  state.query = at("search").value = "";
  state.tab = "contents";
  go(target, target === node ? null : node);
}

// The map: squarified (Bruls, Huizing, van Wijk 2000), nested as far as there is room.

function squarify(nodes, x, y, width, height) {
  const total = nodes.reduce((sum, node) => sum + sizeOf(node), 0);
  const boxes = [];
  if (!total) return boxes;
  const scale = (width * height) / total;
  let first = 0;
  while (first < nodes.length && width > 0 && height > 0) {
    const side = Math.min(width, height);
    let area = 0;
    let worst = Infinity;
    let last = first;
    for (; last < nodes.length; last++) {
      const grown = area + sizeOf(nodes[last]) * scale;
      if (!grown) break;
      const largest = sizeOf(nodes[first]) * scale;
      const smallest = sizeOf(nodes[last]) * scale;
      const ratio = Math.max((side * side * largest) / (grown * grown), (grown * grown) / (side * side * smallest));
      if (ratio > worst) break;
      worst = ratio;
      area = grown;
    }
    if (last === first) break;
    const depth = area / side;
    let along = 0;
    for (; first < last; first++) {
      const length = (sizeOf(nodes[first]) * scale) / depth;
      boxes.push(width < height ? [nodes[first], x + along, y, length, depth] : [nodes[first], x, y + along, depth, length]);
      along += length;
    }
    if (width < height) { y += depth; height -= depth; } else { x += depth; width -= depth; }
  }
  return boxes;
}

function hueOf(node) {
  let here = node;
  while (here && here.hue === undefined) here = here.parent;
  return here ? here.hue : 215;
}

function drawMap(focus) {
  const map = at("map");
  map.textContent = "";
  const level = [[state.node, 0, 0, map.clientWidth, map.clientHeight, 0]];
  let left = BOXES;
  while (level.length) {
    const [parent, x, y, width, height, depth] = level.shift();
    for (const [node, left0, top, w, h] of squarify(sorted(parent.children), x, y, width, height)) {
      if (w < 3 || h < 3 || left-- <= 0) continue;
      const roomy = w > 40 && h > LABEL;
      const label = roomy ? `${node.name} ${human(sizeOf(node))}` : "";
      const box = make("button", {
        style: `left:${left0.toFixed(1)}px;top:${top.toFixed(1)}px;width:${w.toFixed(1)}px;height:${h.toFixed(1)}px;--hue:${hueOf(node)};--depth:${depth}`,
        tabindex: "-1",
        title: node.name,
        "aria-label": `${node.name}, ${human(sizeOf(node))}`,
        onclick: () => openNode(node),
        onfocus: () => tell(node),
        onmouseenter: () => tell(node),
      }, make("span", {}, label));
      box.node = node;
      if (node === focus) box.classList.add("hit");
      map.append(box);
      if (node.children.length && depth < 3 && w > 50 && h > 2 * LABEL) {
        level.push([node, left0 + 2, top + LABEL, w - 4, h - LABEL - 2, depth + 1]);
      }
    }
  }
  const start = (focus && [...map.children].find((box) => box.node === focus)) || map.firstElementChild;
  if (start) start.tabIndex = 0;
  return start;
}

function tell(node) {
  at("about").textContent = describe(node);
}

// Arrows go to the nearest box in that direction, of those beside each other.
function move(box, key) {
  const boxes = [...at("map").children].filter((other) => other.node.parent === box.node.parent);
  const middle = (other) => [other.offsetLeft + other.offsetWidth / 2, other.offsetTop + other.offsetHeight / 2];
  const [x, y] = middle(box);
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null;
  let least = Infinity;
  for (const other of boxes) {
    const [ox, oy] = middle(other);
    const ahead = (ox - x) * dx + (oy - y) * dy;
    const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (other !== box && ahead > 0.5 && ahead + 2 * aside < least) {
      least = ahead + 2 * aside;
      best = other;
    }
  }
  if (!best) return;
  box.tabIndex = -1;
  best.tabIndex = 0;
  best.focus();
}

// What is shown.

function go(node, focus, keyboard) {
  state.node = node;
  state.chosen = focus && !focus.children.length ? focus : null;
  draw();
  const start = drawMap(focus);
  tell(focus || node);
  if (keyboard && start) start.focus();
}

function drawPath() {
  const path = at("path");
  path.textContent = "";
  const nodes = [];
  for (let here = state.node; here; here = here.parent) nodes.unshift(here);
  nodes.forEach((node, number) => {
    if (number) path.append(" \u203a ");
    path.append(node === state.node ? make("strong", {}, node.name) : link(node.name, () => go(node, null)));
  });
  if (state.chosen) path.append(" \u203a ", make("em", {}, `${state.chosen.name}, ${compressedOf(state.chosen)} compressed, ${human(state.chosen.size[1])} uncompressed`));
}

function contents() {
  drawPath();
  const total = sizeOf(state.node) || 1;
  const columns = [
    ["name, biggest first", (node) => (node.children.length ? link(node.name, () => go(node, null)) : node.name)],
    ["compressed", compressedOf, "n"],
    ["uncompressed", (node) => human(node.size[1]), "n"],
    ["share", (node) => make("meter", { value: sizeOf(node) / total, "aria-label": `${((sizeOf(node) / total) * 100).toFixed(1)} %` }), "n"],
    ["files", (node) => (node.kind === "file" ? "" : node.files.toLocaleString("en")), "n"],
    ["", (node) => node.note || "", "note"],
  ];
  const nodes = sorted(state.node.children);
  const list = nodes.length ? table(columns, nodes) : make("p", {}, "The report has no list of its files.");
  at("list").replaceChildren(list);
}

function search() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = state.root.all.filter((node) => {
    node.path = node.path || pathOf(node);
    node.lower = node.lower || node.path.toLowerCase();
    return words.every((word) => node.lower.includes(word));
  });
  const sum = (index) => found.reduce((total, node) => total + node.size[index], 0);
  const columns = [
    ["file", (node) => link(node.path, () => openNode(node))],
    ["compressed", compressedOf, "n"],
    ["uncompressed", (node) => human(node.size[1]), "n"],
    ["layer and package", owners, "note"],
  ];
  at("found").replaceChildren(
    make("h2", {}, `${count(found.length, "file", "files")} of ${human(sum(1))} uncompressed, \u2248 ${human(sum(0))} compressed`),
    table(columns, sorted(found)),
  );
}

function fileAt([layer, unit, file]) {
  return state.root.children[layer].units[unit][file];
}

function duplicates() {
  const image = data.images[state.image];
  const rows = image.duplicates.map(([wasted, places]) => {
    const nodes = places.map(fileAt);
    return { wasted, nodes, layers: [...new Set(places.map(([layer]) => image.layers[layer].name))] };
  });
  const across = rows.filter((row) => row.layers.length > 1);
  const sum = (of) => human(of.reduce((total, row) => total + row.wasted, 0));
  const columns = [
    ["more than once", (row) => human(row.wasted), "n"],
    ["files", (row) => row.nodes.length, "n"],
    ["layers", (row) => row.layers.join(", ")],
    ["where", (row) => make("ul", {}, ...row.nodes.slice(0, 20).map((node) => make("li", {}, link(pathOf(node), () => openNode(node)))), ...(row.nodes.length > 20 ? [make("li", {}, `and ${row.nodes.length - 20} more`)] : []))],
  ];
  at("duplicates").replaceChildren(
    make("p", {}, "Files of 1 KiB and more with the same content, that are not hard links of each other. Sizes are the uncompressed bytes of all but the first."),
    make("h2", {}, `In several layers: ${count(across.length, "content", "contents")}, ${sum(across)}`),
    table(columns, across),
    make("h2", {}, `All: ${count(rows.length, "content", "contents")}, ${sum(rows)}`),
    table(columns, rows),
  );
}

function shared() {
  const image = data.images[state.image];
  const rows = [];
  image.layers.forEach((layer, l) => {
    rows.push({ layer: layer.name, name: "the layer", size: layer.size, shared: layer.shared, node: state.root.children[l], whole: true });
    layer.units.forEach((placed) => {
      const unit = data.units[placed.unit];
      rows.push({ layer: layer.name, name: unit.name, size: unit.size, shared: placed.shared, whole: false });
    });
  });
  const others = data.images.filter((other) => other !== image).map((other) => {
    const having = (whole) => rows.filter((row) => row.whole === whole && row.shared.includes(other.name));
    return { name: other.name, layers: having(true), units: having(false) };
  });
  const sum = (of) => human(of.reduce((total, row) => total + row.size[state.measure], 0));
  const nodes = rows.filter((row) => row.shared.length).sort((a, b) => b.size[state.measure] - a.size[state.measure]);
  at("shared").replaceChildren(
    make("p", {}, "A layer with the same digest is stored and pulled once. A package with the same digest is compressed once for all images."),
    table([
      ["image", (other) => other.name],
      ["same layers", (other) => `${other.layers.length} (${sum(other.layers)})`, "n"],
      ["same packages", (other) => `${other.units.length} (${sum(other.units)})`, "n"],
    ], others),
    make("h2", {}, "Biggest first"),
    table([
      ["layer", (row) => row.layer],
      ["what", (row) => row.name],
      ["compressed", (row) => human(row.size[0]), "n"],
      ["uncompressed", (row) => human(row.size[1]), "n"],
      ["also in", (row) => row.shared.join(", "), "note"],
    ], nodes),
  );
}

function difference([before, now]) {
  const grown = now - before;
  return make("span", { class: grown > 0 ? "bad" : grown < 0 ? "good" : null }, `${grown > 0 ? "+" : ""}${human(grown)}`);
}

function changes() {
  const found = data.images[state.image].changes;
  const layers = ([before, now]) => (before && now && before !== now ? `${before} \u2192 ${now}` : now || before);
  const units = [...found.units].sort((a, b) => {
    const by = (change) => Math.abs(change.sizes[state.measure][1] - change.sizes[state.measure][0]);
    return by(b) - by(a);
  });
  const files = (change) => {
    if (!change.files) return "";
    const rows = change.files.map(([what, path, sizes]) => make("li", {}, `${what} /${path} `, difference(sizes)));
    return make("details", {}, make("summary", {}, count(rows.length, "file", "files")), make("ul", {}, ...rows));
  };
  at("changes").replaceChildren(
    make("p", {}, `Against ${data.against}: ${count(found.layers, "layer is", "layers are")} new, ${human(found.size)} that a registry with that image has not.`),
    units.length ? table([
      ["change", (change) => change.what],
      ["layer", (change) => layers(change.layers)],
      ["package", (change) => change.unit],
      ["compressed", (change) => difference(change.sizes[0]), "n"],
      ["uncompressed", (change) => difference(change.sizes[1]), "n"],
      ["files", files],
    ], units) : make("p", {}, "No package has changed."),
  );
}

const tabs = { contents, duplicates, shared, changes };

function draw() {
  const image = data.images[state.image];
  at("total").textContent = `${human(image.size[0])} compressed, ${human(image.size[1])} uncompressed, ${count(image.files, "file", "files")}, ${count(image.layers.length, "layer", "layers")}`;
  at("tab-duplicates").textContent = `Duplicates (${image.duplicates.length.toLocaleString("en")})`;
  at("tab-changes").textContent = image.changes ? `Changes (${image.changes.units.length})` : "Changes";
  at("tab-shared").hidden = data.images.length < 2;
  at("tab-changes").hidden = !image.changes;
  at("tab-duplicates").hidden = !state.root.all.length;
  at("searching").hidden = !state.root.all.length;
  at("found").hidden = !state.query;
  for (const name of Object.keys(tabs)) {
    const chosen = state.tab === name;
    at(`tab-${name}`).setAttribute("aria-selected", chosen);
    at(`tab-${name}`).tabIndex = chosen ? 0 : -1;
    at(name).hidden = !chosen || Boolean(state.query);
  }
  if (state.query) search();
  else tabs[state.tab]();
}

function choose(tab) {
  state.tab = tab;
  state.query = at("search").value = "";
  draw();
  if (tab === "contents") drawMap(null);
}

function chooseImage(number) {
  state.image = number;
  at("image").value = number;
  state.root = build(data.images[number]);
  if (at(`tab-${state.tab}`).hidden) state.tab = "contents";
  go(state.root, null);
}

function measure(index) {
  state.measure = index;
  document.querySelectorAll("input[name=measure]").forEach((radio) => { radio.checked = Number(radio.value) === index; });
  go(state.node, null);
}

at("image").append(...data.images.map((image, number) => make("option", { value: number }, image.name)));
at("image").addEventListener("change", (event) => chooseImage(Number(event.target.value)));
at("measure").addEventListener("change", (event) => measure(Number(event.target.value)));
at("search").addEventListener("input", (event) => {
  state.query = event.target.value.trim();
  draw();
  if (!state.query && state.tab === "contents") drawMap(null);
});
for (const name of Object.keys(tabs)) at(`tab-${name}`).addEventListener("click", () => choose(name));
at("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const shown = Object.keys(tabs).filter((name) => !at(`tab-${name}`).hidden);
  const next = shown[(shown.indexOf(state.tab) + step + shown.length) % shown.length];
  choose(next);
  at(`tab-${next}`).focus();
});
at("map").addEventListener("keydown", (event) => {
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    move(event.target, event.key);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    const node = event.target.node;
    if (node.children.length) go(node, null, true);
  } else if ((event.key === "Backspace" || event.key === "Escape") && state.node.parent) {
    event.preventDefault();
    go(state.node.parent, state.node, true);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=search]")) {
    if (event.key === "Escape") choose(state.tab);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    at("search").focus();
  }
  if (event.key === "c") measure(0);
  if (event.key === "u") measure(1);
});
let resizing = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => drawMap(null));
});
chooseImage(0);
document.documentElement.dataset.ready = "yes";
