"""The pure core: names, tags, manifests, policy, history and plans. No file, process, network or clock."""
