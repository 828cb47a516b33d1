archive.add("2019", 1, [
["articles/pasar-rimba-buka-sampai-malam.html","Pasar Rimba Buka Sampai Malam","Pasar Rimba mulai buka sampai pukul sepuluh malam. Para pedagang membawa lampu sendiri. Bridge repaired & opened again, after \u003cthree> years \"Sepi dulu tidak apa,\" kata Bu Sarti, penjual jamu.","2019-03-04T07:35+07:00","Ekonomi","id"],
["articles/the-bridge-is-open.html","The bridge is open","The bridge opened at noon. The market had opened the evening before.","2019-03-05","City","en"]
]);
