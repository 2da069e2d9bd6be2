// Keys for who lives on this screen: j and k go down and up the list, x selects, / goes to the search.
// Enter follows the link that is in focus, as it always does. Everything works without.
document.addEventListener("keydown", function (e) {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not([type=checkbox]),select,textarea")) return;
  if (e.key === "/") {
    var find = document.getElementById("q");
    if (!find) { location.href = "/support#q"; return; }
    e.preventDefault();
    find.focus();
    find.select();
    return;
  }
  var rows = Array.from(document.querySelectorAll("a.name"));
  var at = rows.findIndex(function (a) { return a.closest("tr,section,li").contains(document.activeElement); });
  if (e.key === "j" || e.key === "k") {
    var to = rows[at < 0 ? 0 : at + (e.key === "j" ? 1 : -1)];
    if (to) { e.preventDefault(); to.focus(); }
  }
  if (e.key === "x" && at >= 0) {
    var box = rows[at].closest("tr,section,li").querySelector("input[type=checkbox]");
    if (box) { e.preventDefault(); box.checked = !box.checked; }
  }
});
