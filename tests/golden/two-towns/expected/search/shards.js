archive.list([["2019",1],["undated",1]], [], 0);
