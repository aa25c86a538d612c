@_exported import Programs
