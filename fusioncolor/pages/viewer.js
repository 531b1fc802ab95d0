const openViewer = (() => {
  const $ = (id) => document.getElementById(id);
  let layers = [], turn = () => {};
  function slide() {
    const value = Number($("slider").value), right = Math.min(Math.floor(value / 100), layers.length - 2);
    $("sides").textContent = value % 100 ? `left: ${layers[right + 1][0]}, right: ${layers[right][0]}` : layers[value / 100][0];
    [...$("layers").children].forEach((image, index) => {
      if (index) image.style.clipPath = `inset(0 ${Math.max(100 * index - value, 0)}% 0 0)`;
    });
  }
  function element(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }
  $("slider").addEventListener("input", slide);
  $("previous").addEventListener("click", () => turn(-1));
  $("next").addEventListener("click", () => turn(1));
  return (name, given, facts, turned) => {
    layers = given;
    turn = turned;
    $("viewed").textContent = name;
    $("facts").textContent = facts;
    $("layers").replaceChildren(...layers.map(([label, src]) => element("img", { id: label, alt: label, src })));
    $("ticks").replaceChildren(...layers.map(([label]) => element("span", { textContent: label })));
    $("slider").max = 100 * (layers.length - 1);
    $("slider").setAttribute("aria-label", layers.map(([label]) => label).join(", "));
    $("slider").value = 100 * (layers.length - 1) - 50;
    slide();
    if (!$("viewer").open) { $("viewer").showModal(); $("slider").focus(); }
  };
})();
