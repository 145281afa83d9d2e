"""Files beside the objects: layout, run directories, leases, snapshots of source, archives."""
