"""The page: a Gradio app of several routes inside our own FastAPI app.

How a page is made
------------------
A page is three small files that share a name, here `runs`:

1. `studio/ui/pages/runs.py` declares `PAGE = Page(name="runs", path="/runs", position=70, build=build, routes=routes)`.
   `build(context)` lays out the page inside its Gradio route: mount points (`mount("runs")`) and, where they are the best
   tool, Gradio components. `routes(context) -> APIRouter` holds the plain JSON routes of the page; they live under `/api`.
   Pages are found by being in this package; the bar lists them by `position`.
2. `studio/ui/web/src/pages/runs.tsx` is the page's own module, loaded on that page only. It calls
   `register("runs", RunsPage)`, and the mount point is filled as soon as Gradio has laid it out. Everything shared (words,
   requests, polling, forms, curves, the draft) comes from "@studio"; `npm run build` writes `studio/ui/web/dist`.
3. Words go into `studio/ui/words/en.json` and `zh-CN.json` under `runs.*`; `page.runs` is the name in the bar.

Rules
-----
- A route is thin: it converts, calls one function of the packages below, and returns JSON. What is raised as a StudioError or
  BlocksError arrives as `{"error": sentence}` with status 400 (404 for what is not there, 409 for a stale draft).
- Nothing about a run lives in gr.State, in a generator or in a global: pages poll the routes, with a cursor where data grow.
- Text that comes from data reaches the page as JSON and is set by Preact, which escapes it. No `dangerouslySetInnerHTML`,
  no `${value}` in a Gradio template.
- No module here imports Keras, TensorFlow or scikit-learn at any time, nor pandas or pyarrow at module level.
- Exactly one button of a page has an accessible name that begins with "Train": the one in the line under the bar.
"""
