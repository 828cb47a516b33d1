archive.add("undated", 1, [
["articles/a-note-without-a-date.html","A note without a date","Nobody wrote down when this was said, so nobody knows.","","","en"]
]);
