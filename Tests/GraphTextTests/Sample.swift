/// Texts that tests share.
enum Sample {
    /// A small classifier in canonical form, with every kind of line there is.
    static let classifier = """
        module v1 @mnist {
          dim B in 1...4096 multiple 8
          state %w1 : f32[4,3] parameter "hidden/weight"
          state %m1 : f32[4,3] slot "hidden/weight/m"
          state %v1 : f32[4,3] slot "hidden/weight/v"
          state %step : i64[] counter "step"
          func @train(%image: f32[B,4] "image", %label: i32[B] "label") {
            %0 = dot %image, %w1 contract [1],[0] : f32[B,3]   #hidden
            %1 = relu %0 : f32[B,3]   #hidden
            %2 = crossEntropy %1, %label : f32[B]   #loss
            %3 = reduce %2 kind sum axes [0] : f32[]   #loss
            %4 = constant value f32[2,2]{1, -0.5, inf, nan} : f32[2,2]   #blocks.0.up
            %5 = reduce %4 kind max axes [0,1] : f32[]
            %6 = add %3, %5 : f32[]
            %7 = constant value f32[4,3]{0.1, 0.2, 0.3, 1e-05, 1e+10, -0, 3, 4, 5, 6, 7, 8} : f32[4,3]
            %8 = constant value f32[]{0.001} : f32[]
            %9 = constant value i64[]{1} : i64[]
            %10 = add %step, %9 : i64[]
            %11, %12, %13 = adam %w1, %7, %m1, %v1, %10, %8 beta1 0.95 : f32[4,3], f32[4,3], f32[4,3]   #Train_7
            update %w1 = %11
            update %m1 = %12
            update %v1 = %13
            update %step = %10
            output %6 : f32[] "loss"
          }
          func @predict(%image: f32[B,4] "image") {
            %0 = dot %image, %w1 contract [1],[0] : f32[B,3]   #hidden
            %1 = reshape %0 shape [3*B] : f32[3*B]
            output %1 : f32[3*B] "scores \\"raw\\""
            output %w1 : f32[4,3] "weights"
          }
          #hidden = layer "hidden" at "Classifier.swift":14
          #loss = layer "loss"
          #blocks.0.up = layer "blocks/0/up" at "Classifier.swift":20
          #Train_7 = at "Train.swift":7
        }

        """

    /// A module around some lines of a function of `%x: f32[B,4]`.
    static func function(_ lines: String...) -> String {
        let body = lines.map { "    \($0)\n" }.joined()
        return """
            module v1 @sample {
              dim B in 1...64
              state %w : f32[4,4] parameter "w"
              func @main(%x: f32[B,4] "x") {
            \(body)  }
            }

            """
    }
}
