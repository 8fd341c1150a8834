package lib.sizes

family := "db.t4g"
