// Ask the kernel for something, and do what is to be done with the answer, however late it comes.

class Requests {
  constructor(editor) {
    this.editor = editor;
    this.count = 0;
    this.waiting = new Map(); // id of a request → what to do with the answer
  }

  ask(command, args, then) {
    const { editor } = this, request = `${editor.client}-w${++this.count}`;
    this.waiting.set(request, then);
    if (!editor.send(command, { ...args, request })) this.settle({ request, failed: editor.words["not-heard"] }); // refused while cut off
  }

  settle(answer) {
    const then = this.waiting.get(answer.request);
    this.waiting.delete(answer.request);
    then?.(answer);
  }
}
