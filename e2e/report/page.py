"""Uses the pages of the test as a person would, in a real browser: by mouse, by keys, in the dark.

    page.py PAGE LARGE_PAGE SCREENSHOTS

PAGE is the report of two images against a third one; LARGE_PAGE that of 30,000 files.
"""

import os
import sys

from browser import Browser

page, large, screenshots = sys.argv[1:]
MAP = "[...document.querySelectorAll('#map button')]"
ROWS = "[...document.querySelectorAll('#list tbody tr')]"
CHOSEN = "document.querySelector('#path em')"
failed = []

def check(what, found, expected=True):
    if found != expected:
        failed.append(what)
        print(f"FAIL: {what}: {found!r}, not {expected!r}", file=sys.stderr)

def box(name):
    return f"{MAP}.find((box) => box.node.name === {name!r})"

def text(element):
    return browser.js(f"{element}.textContent")

def where():
    return browser.js("[...document.querySelectorAll('#path button, #path strong')].map((name) => name.textContent)")

def focus():
    return browser.js("document.activeElement.node ? document.activeElement.node.name : document.activeElement.id")

def sizes():
    """Of the rows of the list, in bytes."""
    return browser.js("state.node.children.length && sorted(state.node.children).map(sizeOf)")

def tab(name):
    browser.click(f"document.getElementById('tab-{name}')")
    check(f"only {name} is seen", browser.js("Object.keys(tabs).filter((name) => !document.getElementById(name).hidden)"), [name])

browser = Browser()
browser.dark(False)
browser.open(page)

# What is seen first: the layers, biggest first, as areas too.
image = "//case:layers"
check("the title", browser.js("document.title"), "2 images: what is in the image")
check("where it begins", where(), [image])
names = browser.js(f"{ROWS}.map((row) => row.cells[0].textContent)")
check("layers, biggest first", names, ["packages", "interpreter", "default"])
check("a row's sizes are exact", browser.js(f"{ROWS}[0].cells[1].textContent.includes('\u2248')"), False)
areas = browser.js(f"{MAP}.slice(0, 2).map((box) => box.offsetWidth * box.offsetHeight / sizeOf(box.node))")
check("areas are as sizes", abs(areas[0] / areas[1] - 1) < 0.05)
check("an estimate is called so", "is an\nestimate" in text("document.querySelector('footer')"))
browser.screenshot(os.path.join(screenshots, "report.png"))

# In and out by mouse, in the map and in the list.
browser.click(box("packages"))
check("a click in the map goes in", where(), [image, "packages"])
browser.click(f"{ROWS}.find((row) => row.cells[0].textContent === 'numpy').querySelector('button')")
check("a click in the list goes in", where(), [image, "packages", "numpy"])
check("the list is biggest first", sizes(), sorted(sizes(), reverse=True))
check("a folder's compressed size is about", browser.js(f"{ROWS}[0].cells[1].textContent.startsWith('\u2248')"))
about = text("document.getElementById('about')")
check("it says why numpy is there", "no key of" in about and "site-packages" in about)
browser.click("[...document.querySelectorAll('#path button')][0]")
check("a click above goes out", where(), [image])

# By keys alone.
browser.js("document.getElementById('tab-contents').focus()")
browser.key("Tab")
check("Tab goes to the map", focus(), "packages")
browser.key("ArrowRight")
check("an arrow goes beside", focus() in ["interpreter", "default"])
browser.key("ArrowLeft")
check("an arrow goes back", focus(), "packages")
browser.key("Enter")
check("Enter goes in", where(), [image, "packages"])
check("the focus stays in the map", focus(), "numpy")
browser.key("Enter")
browser.key("Escape")
check("Escape goes out", (where(), focus()), ([image, "packages"], "numpy"))
browser.key("Backspace")
check("Backspace goes out", where(), [image])
before = text(box("packages"))
browser.key("u")
check("u is for uncompressed", browser.js("state.measure"), 1)
check("another size", text(box("packages")) != before)
browser.click("document.querySelector('input[name=measure]')")
check("a click is for compressed", browser.js("state.measure"), 0)

# Search, by its key.
browser.key("/")
check("/ is for the search", focus(), "search")
browser.type("site-packages/numpy/ __init__.py")
found = browser.js("[...document.querySelectorAll('#found tbody tr')].map((row) => row.cells[0].textContent)")
check("files of all words", bool(found) and all("/numpy/" in path and "__init__.py" in path for path in found))
check("the tabs' contents give way", browser.js("document.getElementById('contents').hidden"))
browser.click("document.querySelector('#found tbody button')")
check("a file found is shown where it is", where()[:3], [image, "packages", "numpy"])
check("and named", text(CHOSEN).startswith(found[0].split("/")[-1] + ", "))
check("and seen in the map", browser.js("document.querySelectorAll('#map .hit').length"), 1)
browser.key("/")
browser.type("no file is called so")
check("nothing is found", text("document.querySelector('#found h2')").startswith("0 files"))
browser.key("Escape")
check("Escape ends the search", browser.js("document.getElementById('found').hidden"))

# The other views.
tab("duplicates")
wasted = browser.js("data.images[state.image].duplicates.map(([wasted]) => wasted)")
check("there are duplicates, most first", bool(wasted) and wasted == sorted(wasted, reverse=True))
first = "document.querySelector('#duplicates li button')"
path = text(first)
browser.click(first)
check("a click shows the file", text(CHOSEN).startswith(path.split("/")[-1] + ", "))
tab("shared")
check("the interpreter's unit is shared", "//case:numbers_layers" in text("document.getElementById('shared')"))
cells = browser.js("[...document.querySelector('#shared tbody tr').cells].map((cell) => cell.textContent)")
check("one layer, and interpreter and numpy", [cell[:3] for cell in cells[1:]], ["1 (", "2 ("])
tab("changes")
changes = text("document.getElementById('changes')")
check("against what", "Against //:old" in changes)
check("numpy has changed", "changed" in changes and "numpy" in changes)
browser.js("document.getElementById('tab-changes').focus()")
browser.key("ArrowRight")
check("arrows go from view to view", focus(), "tab-contents")

# The other image.
browser.js("document.getElementById('image').focus()")
browser.key("ArrowDown")
browser.wait("state.image === 1")
check("the other image", where(), ["//case:numbers_layers"])

# In the dark: what is behind is dark, the text light, and both can be read.
def contrast(element):
    return browser.js(f"""(() => {{
      const of = (color) => {{
        const [r, g, b] = color.match(/[\\d.]+/g).map((part) => {{
          const c = part / 255;
          return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        }});
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      }};
      const style = getComputedStyle({element});
      const [a, b] = [of(style.color), of(style.backgroundColor)].sort((a, b) => b - a);
      return (a + 0.05) / (b + 0.05);
    }})()""")

luminance = "getComputedStyle(document.body).backgroundColor"
check("light", browser.js(luminance), "rgb(255, 255, 255)")
for dark in [False, True]:
    browser.dark(dark)
    check("contrast of text", contrast("document.body") > 7)
    worst = min(contrast(f"{MAP}[{number}]") for number in range(0, min(browser.js(f"{MAP}.length"), 60), 3))
    check(f"contrast in the map, {worst:.1f}", worst > 4.5)
check("dark", browser.js(luminance), "rgb(22, 22, 26)")
browser.js("chooseImage(0)")
browser.click(box("packages"))
browser.screenshot(os.path.join(screenshots, "report_dark.png"))
check("nothing went wrong, and nothing was fetched", browser.complaints(), [])

# The large one. Its bar is 2 s; twice that is for a machine that does something else too.
seconds = browser.open(large)
check("all files", browser.js("state.root.all.length"), 30000)
check("boxes", browser.js(f"{MAP}.length > 100"))
browser.key("/")
browser.type("series_core")
check("found among all", browser.js("document.querySelectorAll('#found tbody tr').length > 10"))
check("nothing went wrong in the large one", browser.complaints(), [])
check(f"the large page opened in {seconds:.2f} s", seconds < 4)
browser.close()
print(f"report: {os.path.getsize(large)} bytes for 30000 files open in {seconds:.2f} s")
sys.exit(1 if failed else 0)
