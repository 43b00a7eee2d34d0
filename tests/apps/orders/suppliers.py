PRICES = {"Tea": 3, "Coffee": 5}


def order(name, count):
    return {"name": name, "count": count, "price": PRICES.get(name, 1)}
