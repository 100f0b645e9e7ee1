// What is wrong with the page that is loaded, as a list of sentences: something wider than the window,
// text that is cut or covers other text, too little contrast, a drawing without words, links to
// nowhere, characters that no font here has.
(async () => {
    const faults = [];
    const say = (what, node) => {
        const words = node ? ": " + (node.id ? "#" + node.id + " " : "") + "<" + node.nodeName.toLowerCase() +
            "> " + (node.textContent || "").trim().replace(/\s+/g, " ").slice(0, 60) : "";
        faults.push(what + words);
    };
    await document.fonts.ready;
    const wide = window.innerWidth;
    const isShown = node => {
        const box = node.getBoundingClientRect();
        return node.checkVisibility({visibilityProperty: true, opacityProperty: true}) && box.width > 0 && box.height > 0;
    };
    // Whether an ancestor scrolls by itself in that direction.
    const isScrolled = node => {
        for (let at = node.parentElement; at; at = at.parentElement) {
            if (at === document.documentElement || at === document.body) return false;
            if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
        }
        return false;
    };
    const isForReaders = node => { // moved out of sight on purpose, for screen readers
        for (let at = node; at && at !== document.body; at = at.parentElement) {
            const style = getComputedStyle(at), box = at.getBoundingClientRect();
            if (style.position === "absolute" && (box.width <= 2 || box.height <= 2 || box.right <= 0 || box.bottom <= 0))
                return true;
        }
        return false;
    };

    // ---- Width ----
    if (document.documentElement.scrollWidth > wide + 1)
        say("the page is " + document.documentElement.scrollWidth + " px wide in a window of " + wide);
    const all = [...document.body.querySelectorAll("*")];
    const inSvg = node => node.closest("svg") && node.nodeName.toLowerCase() !== "svg";
    for (const node of all) {
        if (inSvg(node) || !isShown(node) || isScrolled(node) || isForReaders(node)) continue;
        const box = node.getBoundingClientRect();
        if (box.right > wide + 1 || box.left < -1) say("reaches out of the window", node);
        const style = getComputedStyle(node);
        if (/hidden|clip/.test(style.overflowX) && node.scrollWidth > node.clientWidth + 1 &&
            style.textOverflow !== "ellipsis")
            say("text is cut off", node);
    }

    // ---- Text over text, in the page and in drawings ----
    const area = (a, b) => Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
        Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
    for (const svg of document.querySelectorAll("svg")) {
        if (!isShown(svg)) continue;
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll("text")].filter(isShown);
        const boxes = texts.map(text => text.getBoundingClientRect());
        texts.forEach((text, k) => {
            const box = boxes[k];
            if (box.left < frame.left - 1 || box.right > frame.right + 1 ||
                box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
                say("text leaves its drawing", text);
            for (let j = 0; j < k; j++)
                if (!/rotate/.test(text.getAttribute("transform") || "") && area(box, boxes[j]) > 0.12 * Math.min(
                    box.width * box.height, boxes[j].width * boxes[j].height))
                    say("text covers \"" + texts[j].textContent.slice(0, 30) + "\"", text);
        });
        const named = svg.querySelector("title")?.textContent.trim() || svg.getAttribute("aria-label");
        if (!named && svg.getAttribute("aria-hidden") !== "true")
            say("a drawing without a title", svg);
    }
    const blocks = [...document.body.querySelectorAll("h1,h2,h3,h4,p,li,figure,pre,summary,figcaption")]
        .filter(node => isShown(node) && !isForReaders(node));
    for (let k = 1; k < blocks.length; k++) {
        const a = blocks[k - 1], b = blocks[k];
        if (a.contains(b) || b.contains(a)) continue;
        const x = a.getBoundingClientRect(), y = b.getBoundingClientRect();
        if (area(x, y) > 0.05 * Math.min(x.width * x.height, y.width * y.height)) say("covers what is before it", b);
    }

    // ---- Contrast (WCAG 2.1, 1.4.3) ----
    const parse = text => {
        const numbers = (text.match(/[\d.]+/g) || []).map(Number);
        if (/^color\(srgb/.test(text)) return [numbers[0] * 255, numbers[1] * 255, numbers[2] * 255, numbers[3] ?? 1];
        return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
    };
    const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
    const over = (top, under) => top.slice(0, 3).map((v, k) => v * top[3] + under[k] * (1 - top[3])).concat(1);
    const behind = node => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) {
            const c = parse(getComputedStyle(at).backgroundColor);
            if (c[3] > 0) layers.push(c);
            if (c[3] === 1) break;
        }
        return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
    };
    // Of a text in a drawing: the fill of the last shape before it that it lies on.
    const behindInSvg = text => {
        const box = text.getBoundingClientRect(), svg = text.closest("svg");
        let under = behind(svg);
        for (const shape of svg.querySelectorAll("rect,circle,path,text")) {
            if (shape === text) break;
            if (shape.nodeName === "text" || shape.closest("defs")) continue;
            const style = getComputedStyle(shape), own = shape.getBoundingClientRect();
            if (style.fill === "none" || shape.nodeName === "path" || area(box, own) < 0.6 * box.width * box.height) continue;
            const c = parse(style.fill);
            c[3] *= +style.fillOpacity * +style.opacity;
            under = over(c, under);
        }
        return under;
    };
    for (const node of all) {
        const text = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
        if (!text || !isShown(node) || isForReaders(node) || ["SCRIPT", "STYLE", "title", "desc"].includes(node.nodeName)) continue;
        const style = getComputedStyle(node), drawn = inSvg(node);
        const ink = parse(drawn ? style.fill : style.color), under = drawn ? behindInSvg(node) : behind(node);
        if (drawn) ink[3] *= +style.fillOpacity;
        let opacity = 1;
        for (let at = node; at && at.nodeType === 1; at = at.parentElement) opacity *= +getComputedStyle(at).opacity;
        ink[3] *= opacity;
        const a = light(over(ink, under)), b = light(under);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
        if (ratio < (large ? 3 : 4.5) - 0.01) say("contrast " + ratio.toFixed(2), node);
        if (!drawn && size < (matchMedia("print").matches ? 8 : 11)) say("letters of " + size + " px", node);
    }

    // ---- Structure ----
    const ids = new Map();
    for (const node of document.querySelectorAll("[id]")) {
        if (ids.has(node.id)) say("id is there twice", node);
        ids.set(node.id, node);
    }
    for (const link of document.querySelectorAll("a[href]")) {
        const to = link.getAttribute("href");
        if (!to.startsWith("#")) say("a link out of the page", link);
        else if (to.length > 1 && !ids.has(decodeURIComponent(to.slice(1)))) say("a link to nowhere, " + to, link);
    }
    for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"])
        for (const node of document.querySelectorAll("[" + name + "]"))
            for (const id of node.getAttribute(name).split(/\s+/))
                if (!ids.has(id)) say(name + " names nothing, " + id, node);
    let level = 0;
    for (const heading of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
        const own = +heading.nodeName[1];
        if (own > level + 1) say("a heading skips a level", heading);
        level = own;
    }
    if (!document.documentElement.lang) say("the page names no language");
    if (document.querySelectorAll("h1").length !== 1) say("the page has not one h1");
    if (!document.querySelector("main")) say("the page has no main");
    for (const table of document.querySelectorAll("table"))
        if (!table.caption && !table.getAttribute("aria-label") && !table.getAttribute("aria-labelledby"))
            say("a table without a caption", table);
    for (const node of document.querySelectorAll("button,a[href],summary,[tabindex]"))
        if (isShown(node) && !(node.textContent.trim() || node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")))
            say("a control without a name", node);
    // What scrolls by itself must be reached by the keyboard.
    for (const node of all) {
        if (inSvg(node) || !isShown(node) || !/auto|scroll/.test(getComputedStyle(node).overflowX)) continue;
        if (node.scrollWidth > node.clientWidth + 1 && node.tabIndex < 0) say("scrolls, but not by the keyboard", node);
    }

    // ---- Glyphs: a character that no font has looks like one that no font can have ----
    const draw = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    draw.canvas.width = draw.canvas.height = 32;
    const font = getComputedStyle(document.body).fontFamily;
    const image = character => {
        draw.clearRect(0, 0, 32, 32);
        draw.font = "20px " + font;
        draw.fillText(character, 4, 24);
        return draw.getImageData(0, 0, 32, 32).data.join();
    };
    const none = image("\u{10FFFD}");
    const hostile = /hostile/.test(location.pathname); // made of names that no one machine has all glyphs for
    for (const character of new Set(document.body.innerText))
        if (/\S/.test(character) && !hostile && image(character) === none)
            say("no font has U+" + character.codePointAt(0).toString(16));
    return [...new Set(faults)];
})()
