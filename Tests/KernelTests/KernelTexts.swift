/// Kernels written by hand, in canonical text.
enum KernelTexts {
    static let elementwise = """
        kernel @relu_shift {
          origin "layer \\"hidden\\" at Classifier.swift:14"
          buffer %x : f32[10*B] read
          buffer %y : f32[10*B] write
          parallel tile i in 0..<10*B step 16 chunk 64 {
            vector v in tile i unroll 2 {
              let t0 = add.f32(%x[i+v], f32(-0.5))
              %y[i+v] = max.f32(t0, f32(0))
            }
          }
        }

        """

    static let rowMean = """
        kernel @row_mean {
          buffer %x : f32[20*B] read
          buffer %y : f32[B] write
          accumulator total : f32
          parallel serial i in 0..<B chunk 8 {
            total[] = f32(0)
            vector v in 0..<20 {
              total[] sum= %x[20*i+v]
            }
            %y[i] = mul.f32(total[], f32(0.05))
          }
        }

        """

    /// 7·B rows of 9 by a 9×21 matrix, in tiles of 4×8 with tails both ways.
    static let product = """
        kernel @matmul {
          origin "layer \\"dense\\""
          buffer %a : f32[63*B] read
          buffer %b : f32[189] read
          buffer %c : f32[147*B] write
          accumulator acc : f32
          parallel tile i in 0..<7*B step 4 chunk 8 {
            tile j in 0..<21 step 8 {
              unroll r0 in tile i {
                vector v0 in tile j {
                  acc[r0,v0] = f32(0)
                }
              }
              serial k in 0..<9 unroll 3 {
                unroll r1 in tile i {
                  vector v1 in tile j {
                    acc[r1,v1] = multiplyAdd.f32(%a[9*i+k+9*r1], %b[j+21*k+v1], acc[r1,v1])
                  }
                }
              }
              unroll r2 in tile i {
                vector v2 in tile j {
                  %c[21*i+j+21*r2+v2] = acc[r2,v2]
                }
              }
            }
          }
        }

        """

    /// 3×3 cross-correlation over 5×6 images with zero padding 1: reads outside are guarded by `select`.
    static let convolution = """
        kernel @conv3x3 {
          buffer %x : f32[30*B] read
          buffer %w : f32[9] read
          buffer %y : f32[30*B] write
          accumulator acc : f32
          parallel serial n in 0..<B chunk 1 {
            serial h in 0..<5 {
              serial c in 0..<6 {
                acc[] = f32(0)
                serial p in 0..<3 {
                  serial q in 0..<3 {
                    let above = less.bool(index.i32(h+p), index.i32(1))
                    let below = greater.bool(index.i32(h+p), index.i32(5))
                    let left = less.bool(index.i32(c+q), index.i32(1))
                    let right = greater.bool(index.i32(c+q), index.i32(6))
                    let outside = or.bool(or.bool(above, below), or.bool(left, right))
                    let pixel = select.f32(outside, f32(0), %x[c+6*h+30*n+6*p+q-7])
                    acc[] = multiplyAdd.f32(pixel, %w[3*p+q], acc[])
                  }
                }
                %y[c+6*h+30*n] = acc[]
              }
            }
          }
        }

        """

    static let noise = """
        kernel @noise {
          buffer %seed : u64[1] read
          buffer %y : f32[100] write
          serial i in 0..<100 {
            %y[i] = random(seed: %seed[0], step: i64(7), stream: 3, index: i)
          }
        }

        """

    /// One kernel for several lengths, streams and scales.
    static let shared = """
        kernel @shared {
          buffer %seed : u64[1] read
          buffer %y : f32[n0] write
          number n0 from 1 to 100
          number n1 from 3 to 5
          number n2 from 0 to 1065353216
          vector i in 0..<n0 {
            let t0 = random(seed: %seed[0], step: i64(7), stream: n1, index: i)
            %y[i] = mul.f32(t0, bits.f32(index.u32(n2)))
          }
        }

        """

    /// Rows of a table, chosen by data.
    static let rows = """
        kernel @rows {
          buffer %table : f32[28] read
          buffer %chosen : i32[B] read
          buffer %y : f32[4*B] write
          serial i in 0..<B {
            position p in 0..<7 = cast.i64(%chosen[i])
            vector v in 0..<4 {
              %y[4*i+v] = %table[4*p+v]
            }
          }
        }

        """

    /// Numbers that lie in memory as bf16.
    static let narrowed = """
        kernel @narrowed {
          buffer %x : f32 as bf16[B] read
          buffer %y : f32 as bf16[B] write
          vector i in 0..<B {
            %y[i] = mul.f32(%x[i], f32(1.5))
          }
        }

        """

    /// Sums of what is on and below a diagonal of a square, in blocks of rows; and of blocks of columns that have some of it.
    static let windows = """
        kernel @windows {
          buffer %x : f32[100*B] read
          buffer %y : f32[10*B] write
          buffer %z : f32[10*B] write
          accumulator acc : f32
          parallel serial n in 0..<B chunk 1 {
            serial i in 0..<10 {
              acc[] = f32(0)
              serial k in 0..<10 below i+1 unroll 2 {
                acc[] sum= %x[10*i+k+100*n]
              }
              %y[i+10*n] = acc[]
            }
            serial j in 0..<10 {
              acc[] = f32(0)
              tile b in 0..<10 from j-1 below j+2 step 5 {
                acc[] sum= %x[b+10*j+100*n]
              }
              serial i in 0..<10 from j below 8 {
                acc[] sum= %x[10*i+j+100*n]
              }
              %z[j+10*n] = acc[]
            }
          }
        }

        """

    static let all = [elementwise, rowMean, product, convolution, noise, shared, rows, narrowed, windows]
}
