// Ask the kernel for something, and do what is to be done with the answer; what isn't even heard fails, and says so.

class Requests {
  constructor(editor) {
    this.editor = editor;
    this.count = 0;
    this.waiting = new Map(); // id of a request → what to do with the answer
  }

  ask(command, args, then) {
    const { editor } = this, request = `${editor.client}-w${++this.count}`;
    this.waiting.set(request, then);
    const number = editor.send(command, { ...args, request });
    setTimeout(() => {
      if (!number || editor.sent.has(number)) this.settle({ request, failed: editor.words["not-heard"] });
    }, number ? SILENCE : 0);
  }

  settle(answer) {
    const then = this.waiting.get(answer.request);
    this.waiting.delete(answer.request);
    then?.(answer);
  }
}
