def double(numbers, factor):
    return [number * factor for number in numbers]


def total(numbers):
    return {"total": sum(numbers)}


def keep(data):
    return data
