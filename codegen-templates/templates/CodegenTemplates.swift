// Templates are embedded in code by the package manager.
