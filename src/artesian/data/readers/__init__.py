"""Where tables come from: one file a family of formats; each gives a `Raw` for `infer`."""
