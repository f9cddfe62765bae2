package durable

// NoFollow is no flag here: Regular has looked at the path a moment before.
const NoFollow = 0
