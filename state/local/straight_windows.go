package local

// straight has no flag here: regular has looked at the path a moment before.
const straight = 0
