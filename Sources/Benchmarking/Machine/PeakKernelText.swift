import KernelIR

/// The LLVM IR of `PeakKernels`.
struct PeakKernelText {
    let target: Target

    private var lanes: Int { target.lanes(byteCount: 4) }
    private var vector: String { "<\(lanes) x float>" }
    private var integers: String { "<\(lanes) x i32>" }
    private var suffix: String { "v\(lanes)f32" }

    /// The module.
    var module: String {
        """
        declare \(vector) @llvm.fma.\(suffix)(\(vector), \(vector), \(vector))
        \(multiplyAdd)
        \(loop("read", "ptr %source", phis: sums, body: reads, exit: readResult))
        \(loop("write", "ptr %target", body: writes(streaming: false)))
        \(loop("streaming_write", "ptr %target", body: writes(streaming: true)))
        \(loop("copy", "ptr noalias %target, ptr noalias %source", body: copies(streaming: false)))
        \(loop("streaming_copy", "ptr noalias %target, ptr noalias %source", body: copies(streaming: true)))
        attributes #0 = { nounwind "target-cpu"="\(target.processor)" \(vectorWidth) }
        !0 = !{ i32 1 }

        """
    }

    private var vectorWidth: String {
        "\"prefer-vector-width\"=\"\(target.vectorBits)\" \"min-legal-vector-width\"=\"\(target.vectorBits)\""
    }

    private var multiplyAdd: String {
        var (chains, starts, sum) = ("", "", "")
        for chain in 0..<PeakKernels.chains {
            starts += "  %a\(chain) = phi \(vector) [ zeroinitializer, %entry ], [ %n\(chain), %loop ]\n"
            if target.hasFusedMultiplyAdd {
                chains +=
                    "  %n\(chain) = call \(vector) @llvm.fma.\(suffix)(\(vector) %x, \(vector) %x, \(vector) %a\(chain))\n"
            } else {
                chains += "  %p\(chain) = fmul \(vector) %x, %a\(chain)\n  %n\(chain) = fadd \(vector) %p\(chain), %x\n"
            }
            let before = chain == 0 ? "zeroinitializer" : "%s\(chain - 1)"
            sum += "  %s\(chain) = fadd \(vector) \(before), %n\(chain)\n"
        }
        return """
            define void @peak_multiply_add(i64 %rounds, ptr %out) #0 {
            entry:
              %x = load \(vector), ptr %out, align 4
              br label %loop
            loop:
              %i = phi i64 [ 0, %entry ], [ %next, %loop ]
            \(starts)\(chains)  %next = add i64 %i, 1
              %more = icmp ult i64 %next, %rounds
              br i1 %more, label %loop, label %end
            end:
            \(sum)  store \(vector) %s\(PeakKernels.chains - 1), ptr %out, align 4
              ret void
            }

            """
    }

    /// A function over `%count` floats, `PeakKernels.step` a round.
    private func loop(_ name: String, _ parameters: String, phis: String = "", body: String, exit: String = "")
        -> String
    {
        """
        define void @peak_\(name)(\(parameters), i64 %count) #0 {
        entry:
          br label %loop
        loop:
          %i = phi i64 [ 0, %entry ], [ %next, %loop ]
        \(phis)\(body)  %next = add i64 %i, \(PeakKernels.step)
          %more = icmp ult i64 %next, %count
          br i1 %more, label %loop, label %end
        end:
        \(exit)  ret void
        }

        """
    }

    private var moves: Range<Int> { 0..<PeakKernels.step / lanes }

    private func place(_ at: Int, of pointer: String, _ name: String) -> String {
        "  %\(name)i\(at) = add i64 %i, \(at * lanes)\n"
            + "  %\(name)\(at) = getelementptr float, ptr %\(pointer), i64 %\(name)i\(at)\n"
    }

    // Reading is made to matter by joining what was read in four chains, at the cost of an instruction a vector.
    private static let chains = 4

    private var sums: String {
        (0..<Self.chains).map { chain in
            let last = moves.last { $0 % Self.chains == chain } ?? chain
            return "  %c\(chain) = phi \(integers) [ zeroinitializer, %entry ], [ %x\(last), %loop ]\n"
        }.joined()
    }

    private var reads: String {
        moves.map { at in
            let before = at < Self.chains ? "%c\(at)" : "%x\(at - Self.chains)"
            return place(at, of: "source", "from") + "  %v\(at) = load \(integers), ptr %from\(at), align 4\n"
                + "  %x\(at) = xor \(integers) \(before), %v\(at)\n"
        }.joined()
    }

    /// Written over what was read, where it changes nothing that matters.
    private var readResult: String {
        let lasts = (0..<Self.chains).map { chain in "%x\(moves.last { $0 % Self.chains == chain } ?? chain)" }
        return "  %j0 = xor \(integers) \(lasts[0]), \(lasts[1])\n  %j1 = xor \(integers) \(lasts[2]), \(lasts[3])\n"
            + "  %j = xor \(integers) %j0, %j1\n  store \(integers) %j, ptr %source, align 4\n"
    }

    private func writes(streaming: Bool) -> String {
        moves.map { place($0, of: "target", "to") + store("zeroinitializer", $0, streaming) }.joined()
    }

    private func copies(streaming: Bool) -> String {
        moves.map { at in
            place(at, of: "source", "from") + place(at, of: "target", "to")
                + "  %v\(at) = load \(vector), ptr %from\(at), align 4\n" + store("%v\(at)", at, streaming)
        }.joined()
    }

    private func store(_ value: String, _ at: Int, _ streaming: Bool) -> String {
        // Stores past the caches are aligned to whole vectors.
        streaming
            ? "  store \(vector) \(value), ptr %to\(at), align \(4 * lanes), !nontemporal !0\n"
            : "  store \(vector) \(value), ptr %to\(at), align 4\n"
    }
}
