// A federated extension of JupyterLab, small enough to be written by hand: what a bundler would make of it is the
// container at the end (`init` gets what JupyterLab shares, `get` gives the module).
//
// It shows the form of an issue (the address says which: /doc?issue=2026-11-15) in a panel, with a kernel but without a
// notebook.  The form outlives the kernel: whatever happens to that, a new connection is made, and the form takes over
// its model.

(() => {
  let shared;

  async function module(name) {
    const versions = Object.values(shared[name]);
    return (await versions[0].get())();
  }

  const PATH = "embedai-editor"; // the session of all windows of this server: they share a kernel, so that two on one issue agree
  const TARGET = "embedai-editor"; // the comm target that panel.py registers
  const BEGIN = "from embedai_nb.editor.panel import listen\nlisten()";
  const STEP = 15000; // milliseconds for each step of making a connection: a kernel that starts on a busy machine
  const PAUSE = 500; // between two attempts

  const STYLE = `
    .embedai-host { background: var(--jp-layout-color1, #fff); outline: 0; }
    .embedai-host > .embedai-connecting { padding: 2rem; font: 14px/1.6 system-ui, sans-serif; }
    body.embedai-alone #jp-main-dock-panel { padding: 0; border: 0; }
    body.embedai-alone :is(.lm-DockPanel-tabBar, #jp-title-panel-title, #jp-top-bar) { display: none; }
  `;

  // --- the connection ---

  // JupyterLab leaves its own questions to a kernel unattended when their connection is given up.
  window.addEventListener("unhandledrejection", (event) => {
    if (/^(Kernel connection is disposed|Canceled future for kernel_info_request)/.test(event.reason?.message)) event.preventDefault();
  });

  const within = (promise, what) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error(`${what}: no answer`)), STEP))]);

  // The model of a form over a comm, with the part of a widget model's interface that the form uses.
  class Model {
    constructor(comm) {
      this.comm = comm;
      this.state = {};
      this.listeners = new Map();
      this.ready = new Promise((resolve, reject) => { this.started = resolve; this.failed = reject; });
      this.ready.catch(() => {});
      comm.onMsg = ({ content: { data } }) => this.hear(data);
    }

    hear(data) {
      if (data.failed) this.failed(Object.assign(new Error(data.failed), { told: true }));
      else if (data.method === "custom") this.emit("msg:custom", data.content);
      else if (data.method === "update") {
        Object.assign(this.state, data.state);
        if ("_esm" in data.state) this.started(); // the whole state that was asked for, not what happened to change
        this.emit("change");
      }
    }

    get(name) { return this.state[name]; }

    on(name, listener) { this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener)); }

    off(name, listener) { this.listeners.get(name)?.delete(listener); }

    emit(name, ...values) { for (const listener of [...(this.listeners.get(name) ?? [])]) listener(...values); }

    tell(method, content) {
      const { done } = this.comm.send({ method, ...content });
      done.catch(() => { /* the connection is gone: it is told again */ });
    }

    send(content) { this.tell("custom", { content }); }
  }

  // A line to a kernel that lives.  Each attempt begins with a new socket: one that was cut may look open, and what waits
  // in it would arrive out of order.
  class Line {
    constructor(services, issue) {
      this.services = services;
      this.issue = issue;
    }

    // Connect, as often as it takes; gives the model.
    async connect(failed) {
      for (;;) {
        this.dispose();
        try { return await this.attempt(); } catch (error) { if (!this.closed) failed(error); }
        if (this.closed) throw new Error("closed");
        await new Promise((resolve) => { this.now = resolve; setTimeout(resolve, PAUSE); });
      }
    }

    async attempt() {
      const { sessions } = this.services;
      const known = await within(this.running(), "session");
      const broken = new Promise((_, fail) => { this.broken = () => fail(new Error("the kernel is gone")); });
      broken.catch(() => {});
      this.session = known ? sessions.connectTo({ model: known })
        : await within(sessions.startNew({ path: PATH, name: PATH, type: PATH, kernel: { name: "python3" } }), "start");
      const { kernel } = this.session, steps = (promise, what) => within(Promise.race([promise, broken]), what);
      let restarting = false;
      kernel.statusChanged.connect((_, status) => {
        restarting ||= ["restarting", "autorestarting", "terminating", "dead"].includes(status);
        if (restarting) this.lose();
      });
      kernel.connectionStatusChanged.connect((_, status) => { if (status !== "connected" && this.model) this.lose(); });
      if (kernel.status === "dead") await steps(kernel.restart(), "restart");
      await steps(kernel.info, "kernel");
      const reply = await steps(kernel.requestExecute({ code: BEGIN, silent: true, store_history: false }).done, "import");
      if (reply.content.status !== "ok") throw Object.assign(new Error(reply.content.evalue ?? reply.content.status), { told: reply.content.ename !== "KeyboardInterrupt" });
      const model = new Model(kernel.createComm(TARGET));
      model.comm.open({ issue: this.issue }).done.catch(() => { /* as below */ });
      model.tell("request_state", {});
      await steps(model.ready, "form");
      this.model = model;
      return model;
    }

    // The session of this server's windows, as the server knows it now.
    async running() {
      await this.services.sessions.refreshRunning();
      return this.services.sessions.findByPath(PATH);
    }

    // The kernel or the connection is gone; whoever waits is told at once.
    lose() {
      this.broken?.();
      if (!this.model) return;
      this.model = null;
      this.lost?.();
    }

    dispose() {
      const { session } = this;
      this.session = this.model = null; // before: what it says of its end is no loss
      try { session?.dispose(); } catch { /* it was gone */ }
    }

    // Say that nobody looks at the form any longer.
    leave() { try { this.model?.comm.close(); } catch { /* nobody hears it */ } }

    close() {
      this.closed = true;
      this.leave();
      this.dispose();
    }
  }

  // --- the panel ---

  class Panel {
    constructor(app, Widget, date) {
      this.app = app;
      this.date = date;
      this.chromeShown = false;
      this.node = document.createElement("div");
      this.widget = new Widget({ node: this.node });
      this.widget.id = "embedai-editor";
      this.widget.addClass("embedai-host");
      this.widget.title.label = date;
      this.widget.title.closable = false;
      this.widget.panel = this;
      this.node.dataset.lmSuppressShortcuts = "true";
      this.node.tabIndex = -1;
      window.addEventListener("pagehide", () => { this.editor?.typing.flush(); this.line?.leave(); });
      window.addEventListener("online", () => this.reconnect());
      document.addEventListener("keydown", (event) => this.catch(event), true);
    }

    // For those who look at the kernel from outside.
    get kernel() { return this.line?.session?.kernel; }

    async show() {
      this.line = new Line(this.app.serviceManager, this.date);
      this.line.lost = () => this.reconnect();
      await this.take();
      for (const kind of ["focusin", "focusout"]) this.node.addEventListener(kind, (event) => event.stopPropagation()); // JupyterLab follows the focus
    }

    // Show another issue as if the page had been opened on it.
    async open(date) {
      this.line?.close();
      this.editor?.end();
      this.editor = null;
      this.date = date;
      this.moved(date);
      this.line = new Line(this.app.serviceManager, date);
      this.line.lost = () => this.reconnect();
      await this.take();
    }

    async take() {
      const line = this.line;
      const model = await line.connect((error) => this.say(error));
      if (line !== this.line) return;
      if (this.editor) this.editor.adopt(model);
      else await this.begin(model);
    }

    async begin(model) {
      const style = document.createElement("style");
      style.textContent = model.get("_css");
      const script = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
      const { mount } = await import(script);
      URL.revokeObjectURL(script);
      const root = document.createElement("div");
      root.style.height = "100%";
      this.node.replaceChildren(style, root);
      this.editor = mount(model, root, this);
      this.editor.focus();
    }

    // Say why there is no form yet; once there is one, it says so itself.
    say(error) {
      console.warn("embedai-editor:", error.message);
      if (this.editor) return;
      const line = document.createElement("p");
      line.className = "embedai-connecting";
      line.setAttribute("role", "alert");
      line.textContent = error.told ? error.message : "…";
      this.node.replaceChildren(line);
    }

    // Make a new connection, unless that is being done.
    async reconnect() {
      this.editor?.disconnect();
      if (this.reconnecting) { this.line.now?.(); return; }
      if (!this.editor) return;
      this.reconnecting = true;
      try { await this.take(); } catch { /* closed */ } finally { this.reconnecting = false; }
    }

    // The issue has another date: the address says so.
    moved(date) {
      this.date = date;
      if (this.line) this.line.issue = date;
      this.widget.title.label = date;
      address(date);
    }

    // --- the keyboard ---

    // Keys that nobody has are the form's.
    catch(event) {
      if (!this.editor || (event.target !== document.body && event.target !== this.node)) return;
      if (document.querySelector(".jp-Dialog, .lm-Menu")) return;
      event.stopPropagation();
      this.editor.focus();
      const again = new KeyboardEvent(event.type, event);
      document.activeElement.dispatchEvent(again);
      if (again.defaultPrevented) event.preventDefault();
    }

    // --- JupyterLab around it ---

    chrome(shown = !this.chromeShown) {
      const { shell } = this.app;
      this.chromeShown = shown;
      for (const widget of shell.layout?.widgets ?? []) {
        if (["jp-top-panel", "jp-menu-panel", "jp-bottom-panel", "jp-title-panel"].includes(widget.id)) widget.setHidden(!shown);
      }
      document.body.classList.toggle("embedai-alone", !shown);
      for (const side of ["left", "right"]) {
        if (shell.isSideTabBarVisible?.(side) === !shown) shell.toggleSideTabBarVisibility(side);
      }
      if (!shown) { shell.collapseLeft?.(); shell.collapseRight?.(); }
      this.editor?.focus();
    }
  }

  // --- the address ---

  // The date that the address names: /doc?issue=DATE, or /doc/workspaces/DATE, which JupyterLab makes auto-… in a second window.
  function issue() {
    const { pathname, search } = window.location, remembered = "embedai-issue";
    const named = new URLSearchParams(search).get("issue") ?? /\/workspaces\/(\d{4}-\d\d-\d\d)\b/.exec(pathname)?.[1];
    const date = named ?? (/\/workspaces\/auto-/.test(pathname) ? sessionStorage.getItem(remembered) : null);
    if (date) sessionStorage.setItem(remembered, date);
    return date;
  }

  // Keep the date in the address, whatever JupyterLab's router makes of it: it is what a reload opens.
  function address(date) {
    const url = new URL(window.location.href);
    if (!date || url.searchParams.get("issue") === date) return;
    url.searchParams.set("issue", date);
    window.history.replaceState(window.history.state, "", url);
  }

  const begun = issue();

  const plugins = async () => {
    const { Widget } = await module("@lumino/widgets");
    const { IConnectionLost } = await module("@jupyterlab/application");
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    return [
      {
        id: "embedai-editor:panel",
        description: "Shows the form of the issue that the address names.",
        autoStart: true,
        activate: (app) => {
          if (!begun) return;
          performance.mark("embedai-editor"); // up to here, all is JupyterLab's own
          const panel = new Panel(app, Widget, begun);
          app.commands.addCommand("embedai-editor:open", { label: "Open an issue", execute: ({ issue: date }) => panel.open(date) });
          app.shell.add(panel.widget, "main");
          panel.chrome(false);
          void panel.show();
          void app.restored.then(() => {
            address(panel.date);
            app.shell.activateById(panel.widget.id);
            panel.chrome(false);
          });
        },
      },
      {
        id: "embedai-editor:connection-lost",
        description: "Lets the form say that the connection is lost; a dialog over it would take the keyboard.",
        autoStart: true,
        provides: IConnectionLost,
        activate: () => async () => {},
      },
    ];
  };

  (window._JUPYTERLAB ??= {})["embedai-editor"] = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const found = await plugins();
      return () => ({ __esModule: true, default: found });
    },
  };
})();
