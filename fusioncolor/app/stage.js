// The picture with its tools: before and after, points and strokes of color. `element`, `props`, `trigger` and `watch`
// come from Gradio. The server sends {before, after, strokes, id}, and plain if only the comparison is wanted; "paint"
// carries the strokes back.
const SWATCHES = [["sky", "#8fb6dd"], ["deep sky", "#4d84c4"], ["leaves", "#5f7f3a"], ["meadow", "#8aa653"],
  ["dry grass", "#c2a766"], ["earth", "#8a6845"], ["brick", "#a4543d"], ["stone", "#a39b8b"], ["skin", "#d9a585"],
  ["water", "#4f8391"], ["red", "#b3312e"], ["yellow", "#d9b13b"]];
const HELP = {
  compare: "Drag the line, or use the arrow keys.",
  point: "Click a place to give it the chosen color. With the keyboard: arrow keys, then Enter.",
  stroke: "Paint along a region that should have the chosen color.",
};
const WIDTH = 0.012;  // of a stroke, as a share of the longer side
const stage = element.querySelector(".stage");
const view = stage.querySelector(".view");
const [after, before] = ["after", "before"].map((name) => stage.querySelector("img." + name));
const canvas = stage.querySelector("canvas");
const [line, cross, help] = ["line", "cross", "help"].map((name) => stage.querySelector("." + name));
const picker = stage.querySelector("input[type=color]");
const [undo, clear] = ["undo", "clear"].map((name) => stage.querySelector("." + name));
let strokes = [], current = null, split = 0.5, at = [0.5, 0.5], id = null;

const mode = () => stage.dataset.mode;
const shown = (x) => Math.min(Math.max(x, 0), 1);

function place(x) {
  split = shown(x);
  before.style.clipPath = `inset(0 ${100 - 100 * split}% 0 0)`;
  line.style.left = 100 * split + "%";
  if (mode() === "compare") view.setAttribute("aria-valuenow", Math.round(100 * split));
}

function draw() {
  const box = view.getBoundingClientRect(), density = window.devicePixelRatio || 1;
  canvas.width = box.width * density;
  canvas.height = box.height * density;
  if (mode() !== "compare") {
    const pen = canvas.getContext("2d"), longer = Math.max(canvas.width, canvas.height);
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of current ? [...strokes, current] : strokes) {
      const points = stroke.points.map(([x, y]) => [x * canvas.width, y * canvas.height]);
      for (const [style, extra] of [["#000", 4], ["#fff", 2.5], [stroke.color, 0]]) {
        pen.strokeStyle = pen.fillStyle = style;
        pen.lineWidth = Math.max(stroke.width * longer, 2 * density) + extra * density;
        pen.beginPath();
        if (points.length === 1) {
          pen.arc(...points[0], (5 + extra / 2) * density, 0, 7);
          pen.fill();
        } else {
          points.forEach(([x, y], index) => index ? pen.lineTo(x, y) : pen.moveTo(x, y));
          pen.stroke();
        }
      }
    }
  }
  undo.disabled = clear.disabled = !strokes.length;
}

function send() {
  draw();
  stage.classList.add("waiting");
  trigger("paint", {strokes: strokes, print: id});
}

function choose(name) {
  stage.dataset.mode = name;
  for (const button of stage.querySelectorAll(".modes button")) {
    const chosen = button.dataset.mode === name;
    button.setAttribute("aria-checked", chosen);
    button.tabIndex = chosen ? 0 : -1;
  }
  help.textContent = HELP[name];
  view.setAttribute("role", name === "compare" ? "slider" : "application");
  view.setAttribute("aria-label", name === "compare" ? "Before and after: arrow keys move the line" :
    "The photograph: arrow keys move the marker, Enter sets the color there");
  place(split);
  draw();
}

function pick(color) {
  picker.value = color;
  for (const button of stage.querySelectorAll(".swatches button"))
    button.setAttribute("aria-pressed", button.dataset.color === color);
}

for (const [name, color] of SWATCHES) {
  const button = document.createElement("button");
  Object.assign(button, {type: "button", title: name});
  button.setAttribute("aria-label", name);
  button.dataset.color = button.style.background = color;
  button.addEventListener("click", () => pick(color));
  stage.querySelector(".swatches").append(button);
}
picker.addEventListener("input", () => pick(picker.value));
stage.querySelector(".modes").addEventListener("click", (event) => {
  if (event.target.dataset.mode) choose(event.target.dataset.mode);
});
stage.querySelector(".modes").addEventListener("keydown", (event) => {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (!step) return;
  const names = Object.keys(HELP), next = names[(names.indexOf(mode()) + step + names.length) % names.length];
  choose(next);
  stage.querySelector(`.modes [data-mode=${next}]`).focus();
  event.preventDefault();
});
undo.addEventListener("click", () => { strokes.pop(); send(); });
clear.addEventListener("click", () => { strokes = []; send(); });

function where(event) {
  const box = view.getBoundingClientRect();
  return [shown((event.clientX - box.left) / box.width), shown((event.clientY - box.top) / box.height)];
}

view.addEventListener("pointerdown", (event) => {
  if (event.button || !id) return;
  view.setPointerCapture(event.pointerId);
  at = where(event);
  if (mode() === "compare") place(at[0]);
  else current = {points: [at], color: picker.value, width: mode() === "point" ? 0 : WIDTH};
  draw();
});
view.addEventListener("pointermove", (event) => {
  if (!view.hasPointerCapture(event.pointerId)) return;
  at = where(event);
  if (mode() === "compare") place(at[0]);
  else if (current && mode() === "stroke" && current.points.length < 1500) current.points.push(at);
  else if (current) current.points = [at];
  draw();
});
view.addEventListener("pointerup", () => {
  if (current) {
    strokes.push(current);
    current = null;
    send();
  }
});
view.addEventListener("pointercancel", () => { current = null; draw(); });
view.addEventListener("keydown", (event) => {
  const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
  if (step) {
    const far = event.shiftKey ? 0.1 : 0.02;
    if (mode() === "compare") place(split + (step[0] - step[1]) * far);
    at = [shown(at[0] + step[0] * far), shown(at[1] + step[1] * far)];
  } else if (mode() === "compare" && (event.key === "Home" || event.key === "End")) {
    place(event.key === "Home" ? 0 : 1);
  } else if (mode() !== "compare" && (event.key === "Enter" || event.key === " ") && id) {
    strokes.push({points: [at], color: picker.value, width: 0});
    send();
  } else return;
  [cross.style.left, cross.style.top] = at.map((share) => 100 * share + "%");
  event.preventDefault();
});

function update() {
  const value = props.value;
  if (!value || !value.after) return;
  if (value.id !== id) {
    id = value.id;
    current = null;
    place(0.5);
  }
  stage.classList.toggle("plain", Boolean(value.plain));
  strokes = value.strokes;
  if (value.before !== before.src) before.src = value.before;
  after.src = value.after;
  stage.classList.remove("waiting");
  draw();
}

after.addEventListener("load", () => {  // small photographs are enlarged a little, large ones fit on the screen
  const aspect = after.naturalWidth / after.naturalHeight;
  view.style.width = `min(100%, ${Math.round(66 * aspect)}vh, ${Math.round(2.2 * after.naturalWidth)}px)`;
  draw();
});
new ResizeObserver(draw).observe(view);
[cross.style.left, cross.style.top] = ["50%", "50%"];
pick(SWATCHES[0][1]);
choose("compare");
watch("value", update);
update();
