// The photographs in a row. The server sends {pictures: [{url, name}], chosen}; "choose" carries back a number.
const strip = element.querySelector(".strip");

function mark(chosen) {
  [...strip.children].forEach((button, index) => {
    button.setAttribute("aria-selected", index === chosen);
    button.tabIndex = index === chosen ? 0 : -1;
  });
  strip.children[chosen]?.scrollIntoView({block: "nearest", inline: "nearest"});
}

function choose(index) {
  mark(index);
  trigger("choose", {number: index});
}

function update() {
  const value = props.value;
  if (!value || !value.pictures) return;
  strip.replaceChildren(...value.pictures.map((picture, index) => {
    const button = document.createElement("button"), image = new Image(), name = document.createElement("span");
    Object.assign(image, {src: picture.url, alt: "", draggable: false});
    name.textContent = button.title = picture.name;
    button.type = "button";
    button.setAttribute("role", "option");
    button.append(image, name);
    button.addEventListener("click", () => choose(index));
    return button;
  }));
  mark(value.chosen);
}

strip.addEventListener("keydown", (event) => {
  const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
  const next = [...strip.children].indexOf(document.activeElement) + step;
  if (!step || !strip.children[next]) return;
  strip.children[next].focus();
  choose(next);
  event.preventDefault();
});
watch("value", update);
update();
