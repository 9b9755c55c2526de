// A federated extension of JupyterLab, small enough to be written by hand: what a bundler would make of it is the
// container at the end (`init` gets what JupyterLab shares, `get` gives the module).

(() => {
  let shared;

  async function module(name) {
    const versions = Object.values(shared[name]);
    return (await versions[0].get())();
  }

  // The form is the notebook: no chrome around it, nothing to be saved (the form saves, the notebook has no text).
  const STYLE = `
    .embedai-notebook .jp-OutputPrompt,
    .embedai-notebook .jp-OutputArea-promptOverlay, .embedai-notebook .jp-Notebook-footer,
    .embedai-notebook .jp-cell-toolbar, .embedai-notebook .jp-InputCollapser, .embedai-notebook .jp-OutputCollapser,
    .embedai-notebook .jp-CellHeader, .embedai-notebook .jp-CellFooter { display: none !important; }
    .embedai-notebook .jp-Notebook { --jp-notebook-padding: 2px; padding: 2px !important; }
    .embedai-notebook .jp-Notebook::after { display: none; }
    .embedai-notebook .jp-Cell { padding: 0 !important; margin: 0; border: 0 !important; outline: 0 !important; box-shadow: none !important; }
    .embedai-notebook .jp-Cell-inputArea, .embedai-notebook .jp-Placeholder { opacity: .5; font-size: 11px; }
    .embedai-notebook .jp-Placeholder-contentContainer { min-height: 0; padding: 0; line-height: 18px; border: 0; }
    .embedai-notebook .jp-Cell-inputWrapper, .embedai-notebook .jp-Cell-outputWrapper { margin: 0; }
    .embedai-notebook .jp-OutputArea-output { padding: 0; overflow: visible; }
  `;

  async function attend(panel, NotebookActions) {
    await panel.context.ready;
    if (panel.content.model.getMetadata("embedai") !== "editor") return;
    panel.addClass("embedai-notebook");
    panel.toolbar.hide();
    const { context, sessionContext, content } = panel;
    const clean = () => { if (context.model.dirty) context.model.dirty = false; };
    context.model.stateChanged.connect(clean);
    await sessionContext.ready;
    let restarting = false;
    const run = async () => {
      const kernel = sessionContext.session?.kernel;
      if (!kernel) return;
      await kernel.info;
      await NotebookActions.runAll(content, sessionContext);
      clean();
    };
    sessionContext.kernelChanged.connect((_, change) => { if (change.newValue) void run(); });
    sessionContext.statusChanged.connect((_, status) => {
      if (status === "restarting" || status === "autorestarting") restarting = true;
      else if (restarting && (status === "idle" || status === "starting")) { restarting = false; void run(); }
    });
    await run();
  }

  const extension = async () => {
    const { INotebookTracker, NotebookActions } = await module("@jupyterlab/notebook");
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    return {
      id: "embedai-editor:plugin",
      description: "Runs the editor's notebook by itself.",
      autoStart: true,
      requires: [INotebookTracker],
      activate: (app, tracker) => {
        tracker.widgetAdded.connect((_, panel) => void attend(panel, NotebookActions));
        void app.restored.then(() => app.shell.collapseLeft());
      },
    };
  };

  (window._JUPYTERLAB ??= {})["embedai-editor"] = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const plugin = await extension();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
