/** Questions of a library (see `Help`): known ones are answered with a new copy, others end the run. */
export const ASK_PRELUDE = `
(function (global) {
  var answers = JSON.parse(__answers), asked = [], parse = JSON.parse, text = JSON.stringify;
  delete global.__answers;
  global.__ask = function (questions) {
    var unknown = questions.filter(function (question) {
      return !Object.prototype.hasOwnProperty.call(answers, question);
    });
    asked = asked.concat(unknown);
    if (unknown.length > 0) throw new Error("not known yet");
    return questions.map(function (question) { return parse(answers[question]); });
  };
  global.__asked = function () { return text(asked); };
})(this);
`;

/**
 * What every script finds besides ES5 (P-119, P-123, P-126): helpers in unix seconds and UTC, `nil`, and metadata
 * reachable without the word `metadata`, which JSON.stringify does not show.
 */
export const PRELUDE = `
(function (global) {
  function time(value) { var n = Number(value); return isNaN(n) ? 0 : n; }
  function date(value) { return new Date(time(value) * 1000); }
  global.nil = undefined;
  global.console = { log: function () {} };
  global.second = function (t) { return date(t).getUTCSeconds(); };
  global.minute = function (t) { return date(t).getUTCMinutes(); };
  global.hour = function (t) { return date(t).getUTCHours(); };
  global.weekday = function (t) { return date(t).getUTCDay(); };
  global.seconds_since = function (t) { return Date.now() / 1000 - time(t); };
  function flatten(object) {
    if (!object || typeof object !== "object" || !object.metadata) return;
    ["name", "namespace", "labels", "annotations", "created_by"].forEach(function (key) {
      if (Object.prototype.hasOwnProperty.call(object, key)) return;
      Object.defineProperty(object, key, {
        enumerable: false,
        configurable: true,
        get: function () { return object.metadata[key]; },
        set: function (value) { object.metadata[key] = value; }
      });
    });
  }
  global.__flatten = function (object) {
    if (!object) return;
    flatten(object);
    flatten(object.check);
    flatten(object.entity);
  };
})(this);
`;
